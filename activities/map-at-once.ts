/**
 * As `Promise.all` over `map`, but with so many under way at a time.
 *
 * @throws what the first call that fails throws; no further one is begun then
 */
export async function mapAtOnce<T, R>(atOnce: number, items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, item] = next;
      try {
        results[index] = await map(item);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
