import type { KnownMutant } from './known-mutant.ts'

/** Mistakes in the field app and the console. */
export const APPS_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'field-last-letters-lost-with-the-page',
    breaks: 'APP-2: what was typed within 300 ms of a reload is kept',
    file: 'apps/mobile/src/data/unsaved-input.ts',
    find: 'onLeave(() => void keeper.flush())',
    replace: 'onLeave(() => undefined)',
    tests: ['apps/mobile/src/data/unsaved-input.test.ts'],
  },
  {
    name: 'field-last-letters-lost-with-the-screen',
    breaks: 'APP-2: what was typed within 300 ms of leaving a form is kept',
    file: 'apps/mobile/src/data/unsaved-input.ts',
    find: `keepers.delete(keeper)
        void keeper.flush()`,
    replace: 'keepers.delete(keeper)',
    tests: ['apps/mobile/src/data/unsaved-input.test.ts'],
  },
  {
    name: 'field-last-letters-lost-with-the-version',
    breaks: 'APP-2: what was typed within 300 ms of a change of version is kept',
    file: 'apps/mobile/src/data/unsaved-input.ts',
    find: 'keepers.add(keeper)',
    replace: '',
    tests: ['apps/mobile/src/data/unsaved-input.test.ts'],
  },
  {
    name: 'field-saved-input-kept-again',
    breaks: 'APP-2: input that was saved is unsaved no longer',
    file: 'apps/mobile/src/data/unsaved-input.ts',
    find: `clearTimeout(waiting?.timer)
    waiting = undefined`,
    replace: '',
    tests: ['apps/mobile/src/data/unsaved-input.test.ts'],
  },
  {
    name: 'field-input-kept-by-device-alone',
    breaks: 'APP-2, ENG-35: what is typed in one workspace is offered in no other',
    file: 'apps/mobile/src/data/unsaved-input.ts',
    find: 'const store = storeName(settings)',
    replace: "const store = storeName({ ...settings, store: '' })",
    tests: ['apps/mobile/src/data/unsaved-input.test.ts'],
  },
  {
    name: 'field-input-of-all-forms-in-one-place',
    breaks: 'APP-2: each kind of form keeps its own input of a record',
    file: 'apps/mobile/src/data/unsaved-input.ts',
    find: "`unsaved-${kind}-${store}-${about ?? ''}`",
    replace: "`unsaved-note-${store}-${about ?? ''}`",
    tests: ['apps/mobile/src/data/unsaved-input.test.ts'],
  },
  {
    name: 'field-stored-note-offered-again',
    breaks: 'APP-2: a note that was stored when the app died is not offered again, and so not doubled',
    file: 'apps/mobile/src/note/unsaved-note.ts',
    find: 'savedAs: draft.observationId })',
    replace: 'savedAs: null })',
    tests: ['apps/mobile/src/note/unsaved-note.test.ts'],
  },
  {
    name: 'field-unstored-note-forgotten',
    breaks: 'APP-2: a note is kept until it is stored',
    file: 'apps/mobile/src/note/unsaved-note.ts',
    find: 'await keeper.saveNow({ values, savedAs: draft.observationId })',
    replace: 'await keeper.saveNow(null)',
    tests: ['apps/mobile/src/note/unsaved-note.test.ts'],
  },
  {
    name: 'field-one-store-for-all-devices',
    breaks: 'ENG-35: each device id of a phone has a store of its own',
    file: 'apps/mobile/src/data/known-stores.ts',
    find: 'const firstName = (deviceId: string): string => `fieldsync-${deviceId}`',
    replace: "const firstName = (_deviceId: string): string => 'fieldsync-device'",
    tests: ['apps/mobile/src/data/known-stores.test.ts'],
  },
  {
    name: 'field-one-store-for-all-servers',
    breaks: 'ENG-35: each server has a store of its own',
    file: 'apps/mobile/src/data/known-stores.ts',
    find: 'deviceId === connection.deviceId && addressOf(server) === addressOf(connection.server)',
    replace: 'deviceId === connection.deviceId',
    tests: ['apps/mobile/src/data/known-stores.test.ts'],
  },
]
