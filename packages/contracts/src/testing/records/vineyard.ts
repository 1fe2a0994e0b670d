import type { SeededRandom } from '../seeded-random.ts'

type Issue = 'powdery_mildew' | 'heat_stress' | 'other'

const SYMPTOMS = {
  powdery_mildew: [
    'white powdery patches on upper leaf surface',
    'grey web on green berries',
    'young shoots stunted and curled',
    'musty smell inside the canopy',
    'russet scars on last year’s canes',
  ],
  heat_stress: [
    'leaf edges scorched on the west side',
    'berries shrivelled in exposed clusters',
    'basal leaves yellow and dropping',
    'shoot tips wilted before noon',
    'tendrils dry and brittle',
  ],
  other: [
    'hopper stippling along the midrib',
    'mealybug honeydew on the trunk',
    'deer browse on the outer row',
    'dripper clogged, soil dry under the vine',
    'trellis wire slack between end posts',
  ],
} as const satisfies Record<Issue, readonly [string, ...string[]]>

const PLACES = [
  'by the pump house',
  'along the levee road',
  'next to the oak',
  'at the top of the slope',
] as const
const EXTENTS = [
  'on every third vine',
  'on two vines only',
  'in patches along the whole row',
  'mostly inside the canopy',
] as const
const VARIETIES = ['Chardonnay', 'Cabernet Sauvignon', 'Zinfandel', 'Tempranillo', 'Petite Sirah'] as const
const PLANS = [
  'Will look again after the next irrigation set.',
  'Flagged the row with orange tape and took a leaf sample.',
  'Asked the crew to hold leaf pulling here until tomorrow.',
  'Compare with the block across the road before spraying.',
] as const

/** What a scout finds at one stop of a walk: all the words and numbers of an observation. */
export function sighting(rng: SeededRandom) {
  const issue = rng.pick<Issue>(['powdery_mildew', 'heat_stress', 'other'])
  const first = rng.pick<string>(SYMPTOMS[issue])
  const others = SYMPTOMS[issue].filter((symptom) => symptom !== first)
  const fieldBlock = `Block ${rng.pick(['A', 'B', 'C', 'D', 'E'])}-${rng.int(1, 24)}`
  const row = rng.int(1, 80)
  return {
    issue,
    severity: rng.pick<'low' | 'moderate' | 'high'>(['low', 'moderate', 'high']),
    symptoms: [first, ...others.slice(0, rng.int(0, 1))],
    variety: rng.pick<string>(VARIETIES),
    fieldBlock,
    note: `${fieldBlock}, row ${row}, ${rng.pick<string>(PLACES)}: ${first} ${rng.pick<string>(EXTENTS)}. ${rng.pick<string>(PLANS)}`,
    location: { lat: round(38.4 + rng.fraction() * 0.4, 6), lon: round(-122 + rng.fraction() * 0.5, 6) },
    temperatureC: round(8 + rng.fraction() * 30, 1),
    windKph: round(rng.fraction() * 24, 1),
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
