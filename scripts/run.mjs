// The entry point of every `npm run` command. It runs on a machine that has only Node 20 and npm: what is missing is
// fetched into .tools/ and node_modules/ first. No dependencies, no syntax newer than Node 20.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

import { chromiumPath } from './setup/chromium.mjs'
import { baseEnvironment } from './setup/environment.mjs'
import {
  buildConsole,
  buildFieldApp,
  emitRouterTypes,
  generatePrismaClient,
  installDependencies,
} from './setup/install.mjs'
import { withSetupLock } from './setup/lock.mjs'
import { APP_MODES, modes, TYPED_MODES } from './setup/modes.mjs'
import { root } from './setup/root.mjs'
import { runChild } from './setup/run-child.mjs'
import { say, SetupError } from './setup/say.mjs'
import { ensureNode, ensurePnpm } from './setup/toolchain.mjs'

const [mode = '', ...rest] = process.argv.slice(2)
const commands = modes[mode]

async function main() {
  if (commands === undefined) {
    throw new SetupError(`unknown mode "${mode}"; there are ${Object.keys(modes).join(', ')}`, 2)
  }
  const env = baseEnvironment()
  const node = await withSetupLock(() => {
    const bin = ensureNode(env)
    env.PATH = [path.dirname(bin), ensurePnpm(env), env.PATH].join(path.delimiter)
    installDependencies(env)
    generatePrismaClient(bin, env)
    if (TYPED_MODES.has(mode)) emitRouterTypes(bin, env)
    if (APP_MODES.has(mode)) {
      buildConsole(bin, env)
      buildFieldApp(bin, env)
    }
    if (mode === 'bench') {
      env.CHROMIUM_PATH = chromiumPath() ?? ''
      if (rest.includes('typing')) buildFieldApp(bin, env)
    }
    return bin
  })
  const list = commands(rest)
  for (const args of list.slice(0, -1)) {
    const { status } = spawnSync(node, args, { cwd: root, env, stdio: 'inherit' })
    if (status !== 0) return status ?? 1
  }
  return runChild(node, list.at(-1), { cwd: root, env })
}

main().then(
  (code) => process.exit(code),
  (error) => {
    say(error instanceof SetupError ? error.message : String(error?.stack ?? error))
    process.exit(error?.exitCode ?? 1)
  },
)
