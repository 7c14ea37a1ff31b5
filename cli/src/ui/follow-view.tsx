import { Box, render, Text, useAnimation, useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Mark, Screen, ScreenRow } from '../view-model/screen.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const signs: Readonly<Record<Mark, string>> = { busy: '', wait: '·', ok: '✔', bad: '✘' };
const colors: Readonly<Record<Mark, string>> = { busy: 'cyan', wait: 'yellow', ok: 'green', bad: 'red' };

const Row = ({ row, screen, frame }: { readonly row: ScreenRow; readonly screen: Screen; readonly frame: number }) => (
  <Box>
    <Box flexShrink={0}>
      <Text>
        <Text color={colors[row.mark]}>{row.mark === 'busy' ? spinner[frame % spinner.length] : signs[row.mark]} </Text>
        {row.name.padEnd(screen.nameWidth + 2)}
        <Text color={colors[row.mark]}>{row.state.padEnd(screen.stateWidth + 2)}</Text>
      </Text>
    </Box>
    <Box flexGrow={1}>
      <Text dimColor={row.mark !== 'bad'} wrap="truncate-end">
        {row.detail}
      </Text>
    </Box>
    <Box flexShrink={0}>
      <Text dimColor> {row.elapsed}</Text>
    </Box>
  </Box>
);

/** What the view draws from; the newest state as a picture, and a way to hear of the next. */
export interface ScreenSource {
  /** Another object whenever something changed. */
  current(): object;
  screen(height: number): Screen;
  subscribe(listener: () => void): () => void;
}

export const FollowView = ({ source }: { readonly source: ScreenSource }) => {
  useSyncExternalStore(source.subscribe, source.current);
  const { frame } = useAnimation({ interval: 100 });
  const { rows } = useWindowSize();
  const screen = source.screen(rows - 4);
  return (
    <Box flexDirection="column">
      <Text bold>{screen.title}</Text>
      {screen.rows.map((row) => (
        <Row key={row.key} row={row} screen={screen} frame={frame} />
      ))}
      {screen.hidden > 0 && <Text dimColor>… and {screen.hidden} more</Text>}
    </Box>
  );
};

/** Draws until the returned function is called; then the last picture stays. */
export const showFollow = (source: ScreenSource, output: NodeJS.WriteStream): (() => Promise<void>) => {
  const instance = render(<FollowView source={source} />, {
    stdout: output,
    stderr: output,
    // Ctrl-C is the command's to handle; reading keys would also swallow what is typed for the shell.
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
  });
  return async () => {
    instance.unmount();
    await instance.waitUntilExit();
  };
};
