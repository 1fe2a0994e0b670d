const started = Date.now()

/** Progress goes to stderr, so that a command's own output stays clean. Nothing is printed when nothing is done. */
export function say(message) {
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stderr.write(`[setup ${seconds} s] ${message}\n`)
}

/** Set-up cannot continue; the message is for the person at the keyboard and needs no stack. */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
