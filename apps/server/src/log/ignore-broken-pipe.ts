/**
 * Lets the process go on without whoever read what it prints (`… | head`, a log shipper that died): else a closed pipe is
 * an error that nobody caught. Asking for the streams also makes pipes such that no thread waits for their reader, which
 * would keep the process when it ends.
 */
export function ignoreBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
