import { describe, expect, it } from 'vitest'

import type { CommandIo } from './io.ts'
import { runCli } from './run-cli.ts'

/** Runs a command line that must exit before it needs a database. */
async function run(args: string[], input = '') {
  const printed = { out: '', err: '' }
  const io: CommandIo = {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    status: () => undefined,
    watched: false,
    readInput: () => Promise.resolve(input),
    untilInterrupted: () => Promise.resolve(),
  }
  const exitCode = await runCli(args, { DATA_DIR: '/nonexistent/fieldsync' }, io)
  return { exitCode, ...printed }
}

describe('command line usage', () => {
  it.each([
    ['workspace', 'create'],
    ['workspace', 'list'],
    ['device', 'create'],
    ['device', 'list'],
    ['device', 'revoke'],
    ['audit', 'verify'],
    ['client', 'enroll'],
    ['client', 'note'],
    ['client', 'confirm'],
    ['client', 'correct'],
    ['client', 'recommend'],
    ['client', 'recommendations'],
    ['client', 'reject'],
    ['client', 'sync'],
    ['client', 'status'],
    ['client', 'list'],
    ['client', 'conflicts'],
    ['client', 'resolve'],
    ['client', 'resubmit'],
    ['client', 'watch'],
  ])('[RUN-10] %s %s has help with an example on stdout', async (group, command) => {
    const { exitCode, out, err } = await run([group, command, '--help'])
    expect(exitCode).toBe(0)
    expect(out).toContain(`Usage: fieldsync ${group} ${command}`)
    expect(out).toContain(`npm run -s fieldsync -- ${group} ${command}`)
    expect(out).toContain('--json')
    expect(err).toBe('')
  })

  it.each([
    [[]],
    [['device']],
    [['bogus']],
    [['device', 'create', 'ws_a']],
    [['device', 'create', 'ws_a', 'scout']],
    [['device', 'create', 'ws_a', 'dev_a', '--role', 'boss']],
    [['device', 'create', 'ws a', 'dev_a']],
    [['workspace', 'list', '--color']],
    [['client', 'note']],
    [['client', 'note', 'text', '--severity', 'awful']],
    [['client', 'enroll', '--url', 'http://127.0.0.1:1']],
    [['client', 'enroll', '--url', 'nowhere', '--token', 'a-token']],
    [['client', 'correct', '2M6RYB', 'text']],
    [['client', 'resolve', '2M6RYB', 'shrug']],
  ])('[RUN-10] %j is wrong usage: exit code 2, on stderr alone', async (args) => {
    const { exitCode, out, err } = await run(args)
    expect(exitCode).toBe(2)
    expect(out).toBe('')
    expect(err).not.toBe('')
  })

  it.each(['short', 'with space in the middle of it', 'with,comma,in,the,middle'])(
    'refuses the token %j without showing it',
    async (token) => {
      const { exitCode, err } = await run(['device', 'create', 'ws_a', 'dev_a', '--token-stdin'], token)
      expect(exitCode).toBe(2)
      expect(err).toContain('The token must')
      expect(err).not.toContain(token)
    },
  )

  it('[RUN-11] exit code 3 and a next step where no device is enrolled', async () => {
    expect(await run(['client', 'status', '--as', 'anna'])).toMatchObject({
      exitCode: 3,
      out: '',
      err: expect.stringContaining('client enroll'),
    })
  })

  it('[RUN-11] keeps the earlier name of its group, and shows it nowhere', async () => {
    expect(await run(['field', 'status', '--as', 'anna'])).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('client enroll'),
    })
    expect((await run(['--help'])).out).not.toMatch(/\bfield\b/)
  })

  it('[RUN-11] keeps the earlier spelling of enroll, and shows it nowhere', async () => {
    const noToken = ['--url', 'http://127.0.0.1:1', '--token', '']
    expect(await run(['client', 'enrol', ...noToken])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--token-stdin'),
    })
    expect((await run(['client', '--help'])).out).not.toMatch(/\benrol\b/)
  })

  it('[RUN-10] exit code 4 and a next step where there is no database; with --json as JSON', async () => {
    expect(await run(['workspace', 'list'])).toMatchObject({
      exitCode: 4,
      out: '',
      err: expect.stringContaining('start the server once'),
    })
    const { err } = await run(['workspace', 'list', '--json'])
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'UNAVAILABLE' } })
  })
})
