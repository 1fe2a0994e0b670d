import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'

/**
 * Runs Expo's export, which asks nobody on the network and waits for no keyboard.
 * @throws when it fails; what it printed stands on the console
 */
export async function exportApp(app, folder, platforms) {
  const expo = path.join(path.dirname(createRequire(import.meta.url).resolve('expo/package.json')), 'bin/cli')
  const args = [
    'export',
    '--output-dir',
    folder,
    ...platforms.flatMap((platform) => ['--platform', platform]),
  ]
  const child = spawn(process.execPath, [expo, ...args], {
    cwd: app,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CI: '1', EXPO_NO_TELEMETRY: '1', EXPO_OFFLINE: '1', NODE_ENV: 'production' },
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the export ended with ${code}`)
}
