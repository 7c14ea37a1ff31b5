import { Box, render, Text } from 'ink';
import { useSyncExternalStore } from 'react';
import { sizeText } from '../output/table.ts';
import { barOf, type LayerProgress, type PullState } from '../view-model/pull-progress.ts';

const amountOf = (layer: LayerProgress): string => {
  if (layer.total > 0) return ` ${sizeText(layer.current)} of ${sizeText(layer.total)}`;
  return layer.current > 0 ? ` ${sizeText(layer.current)}` : '';
};

const Layer = ({ layer }: { readonly layer: LayerProgress }) => (
  <Text wrap="truncate-end">
    {/^[0-9a-f]{13,}$/.test(layer.id) ? layer.id.slice(0, 12) : layer.id} <Text color="cyan">{layer.status} </Text>
    {barOf(layer, 20)}
    <Text dimColor>{amountOf(layer)}</Text>
  </Text>
);

export interface PullSource {
  current(): PullState;
  subscribe(listener: () => void): () => void;
}

export const PullView = ({ source }: { readonly source: PullSource }) => {
  const state = useSyncExternalStore(source.subscribe, source.current);
  return (
    <Box flexDirection="column">
      {[...state.layers.values()].map((layer) => (
        <Layer key={layer.id} layer={layer} />
      ))}
    </Box>
  );
};

/** Draws until the returned function is called; then the last picture stays. */
export const showPull = (source: PullSource, output: NodeJS.WriteStream): (() => Promise<void>) => {
  const instance = render(<PullView source={source} />, {
    stdout: output,
    stderr: output,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
  });
  return async () => {
    instance.unmount();
    await instance.waitUntilExit();
  };
};
