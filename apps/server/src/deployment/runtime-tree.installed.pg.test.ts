import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = path.resolve(import.meta.dirname, '../../../..')
const BUBBLEWRAP = '/usr/bin/bwrap'
const UID = '10001'

// What a container starts with: this machine's programs and C library, the tree, one volume, and a user with a name.
const ISOLATED = [
  '--unshare-all',
  '--die-with-parent',
  '--clearenv',
  '--dev',
  '/dev',
  '--proc',
  '/proc',
  '--tmpfs',
  '/tmp',
]
const USER = ['--uid', UID, '--gid', UID]
const link = (name: string) => ['--symlink', `usr/${name}`, `/${name}`]
const mount = (kind: '--bind' | '--ro-bind', source: string, target: string) => [kind, source, target]
const SYSTEM = [...mount('--ro-bind', '/usr', '/usr'), ...link('bin'), ...link('lib'), ...link('lib64')]

const SCRIPT = `
export DATA_DIR=/data LOG_FORMAT=json DEVICE_TOKENS=ws_smoke/dev_smoke=a-token-for-one-test
touch /fieldsync/written 2>&1
/fieldsync/bin/fieldsync-server >/data/server.log 2>&1 &
server=$!
if ! /fieldsync/bin/node /smoke.mjs http://127.0.0.1:8787 dev_smoke a-token-for-one-test $server; then
  cat /data/server.log
  exit 1
fi
/fieldsync/bin/fieldsync-healthcheck && echo healthy
/fieldsync/bin/fieldsync device list ws_smoke --json
/fieldsync/bin/fieldsync service revoke --help
kill -TERM $server
wait $server
echo "ended with $?"
/fieldsync/bin/fieldsync-healthcheck || echo unhealthy
grep -c '"msg":"drained"' /data/server.log
`

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-runtime-'))
  await run(process.execPath, ['scripts/runtime-tree.mjs', path.join(folder, 'tree')], { cwd: ROOT })
  await mkdir(path.join(folder, 'data'))
  await writeFile(path.join(folder, 'passwd'), `fieldsync:x:${UID}:${UID}::/data:/usr/sbin/nologin\n`)
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

it('[RUN-51] a runtime tree serves from a read-only folder, as another user and without a network', async () => {
  await chmod(folder, 0o755)
  const { stdout } = await run(BUBBLEWRAP, [
    ...ISOLATED,
    ...USER,
    ...SYSTEM,
    ...mount('--ro-bind', path.join(folder, 'tree'), '/fieldsync'),
    ...mount('--ro-bind', path.join(folder, 'passwd'), '/etc/passwd'),
    ...mount('--ro-bind', path.join(ROOT, 'scripts/smoke.mjs'), '/smoke.mjs'),
    ...mount('--bind', path.join(folder, 'data'), '/data'),
    'sh',
    '-c',
    SCRIPT,
  ])
  expect(stdout).toContain('Read-only file system')
  expect(stdout).toContain('a batch was accepted, replayed and read back')
  expect(stdout).toContain('\nhealthy\n')
  expect(stdout).toContain('"deviceId": "dev_smoke"')
  // The hints of the command line name the program that is there.
  expect(stdout).toContain('\n  fieldsync service revoke ws_ridge')
  expect(stdout).toContain('\nended with 0\nunhealthy\n1\n')
}, 300_000)

it('[RUN-51] refuses to write into a folder that is not empty', async () => {
  const args = ['scripts/runtime-tree.mjs', path.join(folder, 'tree')]
  await expect(run(process.execPath, args, { cwd: ROOT })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty'),
  })
})
