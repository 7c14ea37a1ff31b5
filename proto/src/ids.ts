const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';
const idLength = 25;

/** A source of random bytes; the edges hand in the real one, simulations a seeded one. */
export type RandomBytes = (count: number) => Uint8Array;

/** 25 characters of 0-9a-z, 129 bits: unique without asking anyone. */
export const newId = (random: RandomBytes): string => {
  let id = '';
  while (id.length < idLength) {
    for (const byte of random(idLength * 2)) {
      if (byte < 252 && id.length < idLength) id += alphabet[byte % 36];
    }
  }
  return id;
};

const idPattern = /^[0-9a-z]{25}$/;
export const isId = (text: string): boolean => idPattern.test(text);

/** The first 12 characters: what tables show. */
export const shortId = (id: string): string => id.slice(0, 12);
