import { instant, list, minted, named, whole } from '../testing/field-values.ts'
import { playbookPatch } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import { POINTER, REQUIRED, SHORT } from '../testing/shared-fields.ts'
import { PlaybookPatch } from './playbook-patch.ts'

const PATCH_REST = { justification: 'Agreed with the crew' } as const

testShape({
  name: 'PlaybookPatch',
  schema: PlaybookPatch,
  full: playbookPatch({
    operations: [
      { op: 'add', path: '/a', value: 1, ...PATCH_REST },
      { op: 'replace', path: '/a', value: 'x', ...PATCH_REST },
      { op: 'remove', path: '/a', value: [], ...PATCH_REST },
    ],
  }),
  fields: {
    '/patchId': minted('pch_'),
    '/playbookId': named('pbk_'),
    '/baseVersion': whole(1),
    '/requestedByDeviceId': named('dev_'),
    '/requestedAt': instant,
    '/reason': REQUIRED,
    '/operations': list(1, { op: 'remove', path: '/a' }),
    '/operations/0/op': {
      accepted: ['add', 'replace', 'remove'],
      refused: ['move', 'copy', 'test', 'ADD', '', null, 7],
    },
    '/operations/1/op': { accepted: ['add', 'replace', 'remove'], refused: ['move', 'copy', 'test'] },
    '/operations/2/op': { accepted: ['add', 'replace', 'remove'], refused: ['move', 'copy', 'test'] },
    '/operations/0/path': POINTER,
    '/operations/1/path': POINTER,
    '/operations/2/path': POINTER,
    '/operations/0/value': {
      accepted: [
        null,
        true,
        -1.5,
        'x'.repeat(512),
        [],
        { a: [{}] },
        { ['k'.repeat(128)]: 1 },
        new Array(200).fill(0),
      ],
      refused: [
        'x'.repeat(513),
        ['x'.repeat(513)],
        { ['k'.repeat(129)]: 1 },
        new Array(201).fill(0),
        Infinity,
        'a\0',
      ],
    },
    '/operations/1/value': {
      accepted: [null, { a: 1 }],
      refused: ['x'.repeat(513), Number.NaN, { 'a\0': 1 }],
    },
    '/operations/2/value': { accepted: [null, 'x'.repeat(513), { a: 1 }], refused: [Infinity, 'a\0'] },
    '/operations/0/justification': SHORT,
    '/operations/1/justification': SHORT,
    '/operations/2/justification': SHORT,
  },
  optional: [
    '/operations/0/justification',
    '/operations/1/justification',
    '/operations/2/justification',
    '/operations/2/value',
  ],
})
