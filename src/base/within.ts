/** Whether the work ended in time, well or not; it goes on either way. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const done = work.then(
    () => true,
    () => true,
  );
  const ended = await Promise.race([done, over]);
  clearTimeout(timer);
  return ended;
}
