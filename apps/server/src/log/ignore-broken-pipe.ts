/**
 * Lets the process continue when the reader of its output goes away (`… | head`, a log shipper that died): otherwise a
 * closed pipe is an uncaught error. Accessing the streams also makes pipes non-blocking: no thread waits for their
 * reader, which would keep the process alive when it ends.
 */
export function ignoreBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
