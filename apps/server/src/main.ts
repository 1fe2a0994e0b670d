import { parseArgs } from 'node:util'

import { EnvError } from './env/read-variables.ts'
import { readServerEnv, type ServerEnv } from './env/server-env.ts'
import { warnOfRunning } from './lifecycle/left-over.ts'
import { MAIN_PROCESS } from './lifecycle/monitoring.ts'
import { runServer } from './lifecycle/run-server.ts'
import { startFailure } from './lifecycle/start-error.ts'
import { listenForStop, SHUTDOWN_GRACE_MS, StoppedError } from './lifecycle/stop-request.ts'
import { createLog } from './log/logger.ts'
import { secretsOf } from './secrets/secrets.ts'

async function main(env: ServerEnv, { demo }: StartArguments): Promise<void> {
  const log = await createLog(env, secretsOf(env), env.workers > 1 ? MAIN_PROCESS : undefined)
  const stop = listenForStop(log.logger, (exitCode) => void log.exit(exitCode))
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => {
      log.logger.fatal('the server did not stop in time')
      void log.exit(1)
    }, env.drainTimeoutMs + SHUTDOWN_GRACE_MS).unref()
  })
  try {
    await runServer(env, log, stop.signal, { demo })
    await warnOfRunning(log.logger, env.workers > 1)
  } catch (error) {
    if (!(error instanceof StoppedError)) {
      const failure = startFailure(error, env.database.dataDir)
      if (failure === undefined) log.logger.fatal({ err: error }, 'the server failed')
      else {
        if (!log.pretty) log.logger.fatal(failure)
        process.stderr.write(`Fieldsync cannot start: ${log.scrub(failure)}\n`)
      }
      await log.exit(1)
    }
  }
  log.logger.info('stopped')
  await log.exit(stop.exitCode())
}

function configurationOrExit(): [ServerEnv, StartArguments] {
  try {
    const given = readStartArguments(process.argv.slice(2))
    if (given.help) {
      process.stdout.write(`${START_USAGE}\n`)
      process.exit(0)
    }
    return [readServerEnv(process.env), given]
  } catch (error) {
    if (!(error instanceof EnvError || error instanceof ArgumentError)) throw error
    process.stderr.write(`Fieldsync cannot start. ${error.message}\n`)
    process.exit(2)
  }
}

/** An unknown command-line argument. Exit code 2. */
class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}

/** The arguments after `npm start --`. */
type StartArguments = { demo: boolean; help: boolean }

const START_USAGE = `Usage: npm start -- [--demo]

  --demo   fill the workspace ws_demo with a season of twelve devices, once
  --help   show this

Everything else is set by environment variables: docs/operations/configure.md.`

/** @throws ArgumentError for an unknown argument */
function readStartArguments(args: readonly string[]): StartArguments {
  const options = { demo: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    const { demo = false, help = false } = parseArgs({ args: [...args], options }).values
    return { demo, help }
  } catch (error) {
    throw new ArgumentError(`${error instanceof Error ? error.message : String(error)}\n\n${START_USAGE}`)
  }
}

await main(...configurationOrExit())
