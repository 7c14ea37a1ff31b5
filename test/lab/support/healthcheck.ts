/** `healthcheck: {…}` of a page server: nobody takes it for running before it listens. */
export const answersAt = (port = 80): string =>
  `healthcheck: { test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${port}/"], interval: 30s, start_period: 20s, start_interval: 200ms }`;
