/** What was started, once it is prepared; where that fails, it is stopped again. */
export async function readied<T extends { stop(): Promise<void> }>(
  started: T,
  prepare: () => Promise<void>,
): Promise<T> {
  try {
    await prepare();
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
}
