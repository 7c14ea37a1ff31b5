import { initialValue, type Operation, type ValueText } from './history.ts';

/** Every order of a few operations on one key, tried one after another: slow, plain, and what the search is compared with. */
export const someOrderExplains = (operations: readonly Operation[]): boolean => {
  const tryFrom = (left: readonly Operation[], value: ValueText): boolean => {
    if (left.every((operation) => operation.returnedAt === Number.POSITIVE_INFINITY)) return true;
    const earliestAnswer = Math.min(...left.map((operation) => operation.returnedAt));
    return left.some((operation) => {
      if (operation.invokedAt > earliestAnswer) return false;
      const { action } = operation;
      if (action.f === 'read' && action.value !== value) return false;
      if (action.f === 'cas' && action.from !== value) return false;
      const next = action.f === 'read' ? value : action.f === 'write' ? action.value : action.to;
      return tryFrom(
        left.filter((other) => other !== operation),
        next,
      );
    });
  };
  return tryFrom(operations, initialValue);
};
