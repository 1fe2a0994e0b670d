import { ignoreBrokenPipe } from '../log/ignore-broken-pipe.ts'
import { interruption, processIo } from './io.ts'
import { runCli } from './run-cli.ts'

ignoreBrokenPipe()

// Ending with process.exit makes sure that a PostgreSQL started for the command is stopped.
for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    if (!interruption.raise()) process.exit(exitCode)
  })
}

process.exitCode = await runCli(process.argv.slice(2), process.env, processIo)
