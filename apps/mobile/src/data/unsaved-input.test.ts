import { describe, expect, it } from 'vitest'

import { FIRST_SETTINGS } from './app-settings.ts'
import { withConnection, withNewStore } from './known-stores.ts'
import {
  flushInputs,
  forgetInputs,
  formKey,
  type FormName,
  inputKeeper,
  weatherKey,
} from './unsaved-input.ts'

/** A keeper on a disk of one text, in a form that goes away with its page. */
function openForm() {
  const written: string[] = []
  const leaving = new Set<() => void>()
  const keeper = inputKeeper({ keep: async (_key, text) => void written.push(text) }, 'form', () => {})
  const close = keeper.open((listener) => {
    leaving.add(listener)
    return () => leaving.delete(listener)
  })
  return { written, keeper, close, leave: () => leaving.forEach((listener) => listener()) }
}

describe('forgetting input', () => {
  const elsewhere = withConnection(
    { ...FIRST_SETTINGS, deviceId: 'dev_anna' },
    { server: 'https://theirs.example', deviceId: 'dev_anna', token: '', key: null },
    (server) => server,
  )
  const here = { ...FIRST_SETTINGS, deviceId: 'dev_anna' }
  const forms = (settings: typeof here | typeof elsewhere): string[] =>
    (['new', 'note', 'value'] as const).map((kind) => formKey(settings, { kind, about: 'obs_1' }))

  it('[APP-71] deletes what is typed for a wiped device, and nothing for another store', async () => {
    const others = [
      ...forms(elsewhere),
      ...forms({ ...FIRST_SETTINGS, deviceId: 'dev_anna_2' }),
      'settings',
      'unsaved-note-dev_ben',
    ]
    const stored = [...forms(here), ...others]
    const platform = {
      storeNames: () => Promise.resolve(['fieldsync-dev_anna', elsewhere.store, 'fieldsync-dev_anna_2']),
      unsaved: {
        find: () => Promise.resolve(null),
        keep: () => Promise.resolve(),
        forget: async (isGone: (form: string) => boolean) => {
          expect(stored.filter((form) => !isGone(form))).toEqual(others)
        },
      },
    }
    await forgetInputs(platform, 'fieldsync-dev_anna')
    expect.assertions(1)
  })

  it('[APP-71] stores nothing more of a form that is open', async () => {
    const written: string[] = []
    const keeper = inputKeeper(
      { keep: async (_key, text) => void written.push(text) },
      formKey(here, { kind: 'new' }),
      () => {},
    )
    const close = keeper.open(() => () => undefined)
    keeper.keep('half a sentence')
    const unsaved = {
      find: () => Promise.resolve(null),
      keep: () => Promise.resolve(),
      forget: () => Promise.resolve(),
    }
    await forgetInputs({ storeNames: () => Promise.resolve([]), unsaved }, 'fieldsync-dev_anna')
    keeper.keep('another sentence')
    await keeper.saveNow('the whole note')
    close()
    await flushInputs()
    expect(written).toEqual([])
  })
})

describe('keeping input', () => {
  it.each([
    [
      'the app goes out of sight, and may end there',
      async ({ leave }: ReturnType<typeof openForm>) => leave(),
    ],
    ['the screen is left', async ({ close }: ReturnType<typeof openForm>) => close()],
    ['a new version of the app takes over', flushInputs],
  ])('[APP-2] the last letters are kept at once when %s', async (_moment, go) => {
    const form = openForm()
    form.keeper.keep('half a')
    form.keeper.keep('half a sentence')
    expect(form.written).toEqual([])
    await go(form)
    expect(form.written).toEqual(['half a sentence'])
    form.close()
    form.leave()
    await flushInputs()
    expect(form.written).toEqual(['half a sentence'])
  })

  it('[APP-2] what is saved is not kept again by what waited for its moment', async () => {
    const { written, keeper, close } = openForm()
    keeper.keep('saved by now')
    await keeper.saveNow('')
    close()
    await flushInputs()
    expect(written).toEqual([''])
  })

  it('[APP-4] tells why it is not kept, until it is', async () => {
    const received: (string | null)[] = []
    let isBroken = true
    const keep = () => (isBroken ? Promise.reject(new Error('no room')) : Promise.resolve())
    const keeper = inputKeeper({ keep }, 'form', (failure) => received.push(failure))
    expect(await keeper.saveNow('text')).toBe(false)
    isBroken = false
    expect(await keeper.saveNow('text')).toBe(true)
    expect(received).toEqual(['no room', null])
  })
})

describe('the weather of a store', () => {
  it('[APP-102] is deleted with the input of a wiped device, and stays for another', async () => {
    const deleted: string[] = []
    const stored = ['anna', 'ben'].map((name) => weatherKey({ ...FIRST_SETTINGS, deviceId: `dev_${name}` }))
    const unsaved = {
      find: () => Promise.resolve(null),
      keep: () => Promise.resolve(),
      forget: (isGone: (form: string) => boolean) => {
        deleted.push(...stored.filter(isGone))
        return Promise.resolve()
      },
    }
    await forgetInputs({ storeNames: () => Promise.resolve([]), unsaved }, 'fieldsync-dev_anna')
    expect(deleted).toEqual(['unsaved-weather-dev_anna'])
  })
})

describe('the name under which input is kept', () => {
  const addressOf = (server: string) => server
  const ANNA = { server: 'https://ours.example', deviceId: 'dev_anna', token: 'token of anna', key: null }
  const anna = withConnection({ ...FIRST_SETTINGS }, ANNA, addressOf)
  const FORMS: readonly FormName[] = [
    { kind: 'new' },
    ...(['note', 'fix', 'conflict', 'value'] as const).flatMap((kind) => [
      { kind, about: 'obs_1' },
      { kind, about: 'obs_2' },
    ]),
  ]

  it('[APP-2] is another one for each device, server, workspace, form and record', () => {
    const connections = [
      anna,
      withConnection(anna, { ...ANNA, deviceId: 'dev_ben' }, addressOf),
      withConnection(anna, { ...ANNA, server: 'https://theirs.example' }, addressOf),
      // The same device at the same server, which is of another workspace now.
      withNewStore(anna, addressOf),
    ]
    const keys = connections.flatMap((settings) => FORMS.map((form) => formKey(settings, form)))
    expect(new Set(keys).size).toBe(connections.length * FORMS.length)
  })

  it('[APP-2] is the one that apps before gave it, for the first store of a device', () => {
    expect(formKey(anna, { kind: 'new' })).toBe('unsaved-note-dev_anna')
    expect(formKey(anna, { kind: 'note', about: 'obs_1' })).toBe('unsaved-note-dev_anna-obs_1')
    expect(formKey({ ...anna, store: '', stores: [] }, { kind: 'value', about: 'pbk_1/x' })).toBe(
      'unsaved-value-dev_anna-pbk_1/x',
    )
  })
})
