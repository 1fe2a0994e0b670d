import { type Observation, Playbook, Recommendation } from '@fieldsync/contracts'
import { playbook, recommendation, seededRandom, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { minutes } from '../testing/documents.ts'
import { isMissing } from './local-only.ts'
import { confirmed, correction, draft, ids } from './testing/chain.ts'

const advice = Recommendation.parse(recommendation({}, seededRandom(42)))
const book = Playbook.parse(playbook())

describe('a version is missing at the server', () => {
  it.each<
    [
      string,
      Observation | Recommendation | Playbook,
      Observation | Recommendation | Playbook,
      string[],
      boolean,
    ]
  >([
    ['no playbook with the same rules', book, { ...book, version: 1, updatedAt: minutes(9) }, [], false],
    [
      'a playbook of which the server has an earlier one',
      { ...book, rules: {} },
      { ...book, version: 2 },
      [],
      true,
    ],
    ['a playbook of which the server has another with its number', { ...book, rules: {} }, book, [], true],
    ['no playbook that went on', { ...book, rules: {} }, { ...book, version: 4 }, [], false],
    ['a playbook of another name', { ...book, name: 'other' } as Playbook, book, [], true],
    ['a confirmed note of which the server has the draft', confirmed, draft, [], true],
    ['no note that the server has', confirmed, confirmed, [], false],
    ['a correction of which the server has what it corrects', correction('cor_1'), confirmed, [], true],
    ['no correction that was corrected', correction('cor_1'), correction('cor_2', 'sha256:cor_1'), [], false],
    [
      'no correction that was corrected, by digits in another case',
      correction('cor_1'),
      correction('cor_2', 'SHA256:COR_1'),
      [],
      false,
    ],
    [
      'no correction before one that is known to follow it',
      correction('cor_1'),
      correction('cor_3'),
      ids(3),
      false,
    ],
    [
      'a correction behind the one that the server has',
      correction('cor_3'),
      correction('cor_1'),
      ids(3),
      true,
    ],
    [
      'no correction before one that is unknown and was made later',
      correction('cor_1'),
      correction('cor_9', 'sha256:8', 6),
      ids(3),
      false,
    ],
    [
      'a correction where an unknown one was made before it',
      correction('cor_1'),
      correction('cor_9', 'sha256:8', 4),
      ids(3),
      true,
    ],
    [
      'a correction where an unknown one was made at the same time',
      correction('cor_1'),
      correction('cor_9', 'sha256:8', 5),
      ids(3),
      true,
    ],
    [
      'a correction with no time but when it was made',
      correction('cor_1', 'sha256:0', null),
      correction('cor_9', 'sha256:8', 5),
      [],
      true,
    ],
    [
      'no correction where the other has that time alone, and later',
      correction('cor_1', 'sha256:0', 4),
      correction('cor_9', 'sha256:8', null),
      [],
      false,
    ],
    [
      'no correction before the first one that is known, whatever its time',
      correction('cor_1'),
      correction('cor_9', 'sha256:8', 4),
      ['cor_9'],
      false,
    ],
    [
      'a correction that is logged, of which the server has the state before',
      { ...correction('cor_1'), status: 'logged' },
      correction('cor_1'),
      ['cor_1'],
      true,
    ],
    [
      'a recommendation of which the server has an earlier state',
      { ...advice, status: 'confirmed' },
      advice,
      [],
      true,
    ],
  ])('[ENG-42] %s', (_, known, now, corrections, missing) => {
    expect(isMissing(known, now, corrections, sha256)).toBe(missing)
  })
})
