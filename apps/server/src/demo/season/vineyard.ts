import type { Issue, Severity } from '@fieldsync/contracts'

import type { SeasonRandom } from './season-random.ts'

export type Block = { name: string; variety: string; lat: number; lon: number }

const VARIETIES = ['Chardonnay', 'Pinot Noir', 'Zinfandel', 'Cabernet Sauvignon', 'Tempranillo'] as const
const HILLS = ['Ridge', 'Creek', 'Levee', 'Oak'] as const
const BLOCKS_A_HILL = 6

/** The blocks of the demo vineyard: four hills of six, some hundred meters apart. */
export const BLOCKS: readonly Block[] = HILLS.flatMap((hill, h) =>
  Array.from({ length: BLOCKS_A_HILL }, (_, i) => ({
    name: `${hill} ${i + 1}`,
    variety: VARIETIES[(h * 2 + i) % VARIETIES.length] ?? VARIETIES[0],
    lat: round(38.541 + h * 0.0065 + Math.floor(i / 3) * 0.0021, 5),
    lon: round(-121.752 + (h % 2) * 0.009 + (i % 3) * 0.0026, 5),
  })),
)

type Text = { symptoms: readonly [string, ...string[]]; plans: readonly [string, ...string[]] }

const WORDS: Record<Issue, Text> = {
  powdery_mildew: {
    symptoms: [
      'white powder on the upper side of the leaves',
      'grey web on green berries',
      'young shoots stunted and curled',
      'a musty smell inside the canopy',
      'small pale spots on shaded leaves',
    ],
    plans: [
      'Worth a look before the next spray.',
      'Took a leaf to the office.',
      'Leaf removal here would help.',
      'Only the shaded side so far.',
    ],
  },
  heat_stress: {
    symptoms: [
      'leaf edges scorched on the west side',
      'exposed berries shrivelled',
      'basal leaves yellow and dropping',
      'shoot tips hanging before noon',
    ],
    plans: [
      'Water tonight if the set allows.',
      'Keep the leaves on the west side.',
      'The shade cloth ends two rows too early.',
    ],
  },
  other: {
    symptoms: [
      'leafhopper stippling along the midrib',
      'mealybug honeydew on the trunk',
      'deer browse on the outer row',
      'a clogged dripper, dry soil under the vine',
      'a loose wire between the end posts',
      'birds in the last three rows',
    ],
    plans: [
      'Told the crew.',
      'Nothing to spray for.',
      'Flagged with orange tape.',
      'Will look again on Friday.',
    ],
  },
}

const PLACES = [
  'by the pump house',
  'along the road',
  'at the top',
  'near the gate',
  'in the low corner',
] as const
const EXTENTS = ['one vine', 'two vines side by side', 'every third vine', 'patches along the row'] as const

/** The course of the season: mildew in its middle, heat toward its end. @param day of how many */
function issueOf(rng: SeasonRandom, day: number, days: number): Issue {
  const part = day / days
  const mildew = 22 + 38 * Math.sin(Math.PI * part)
  const heat = 8 + 24 * part
  const drawn = rng.fraction() * 100
  return drawn < mildew ? 'powdery_mildew' : drawn < mildew + heat ? 'heat_stress' : 'other'
}

/** All texts and numbers of one stop on a walk. */
export function sighting(rng: SeasonRandom, block: Block, day: number, days: number) {
  const issue = issueOf(rng, day, days)
  const { symptoms, plans } = WORDS[issue]
  const symptom = rng.pick(symptoms)
  const severity: Severity = rng.percent(52) ? 'low' : rng.percent(72) ? 'moderate' : 'high'
  const isDamp = issue === 'powdery_mildew' && rng.percent(60)
  const leafWetness = isDamp ? rng.pick(['damp', 'wet'] as const) : ('dry' as const)
  return {
    issue,
    severity,
    symptoms: [symptom],
    note: `${block.name}, row ${rng.int(1, 64)}, ${rng.pick(PLACES)}: ${symptom}, ${rng.pick(EXTENTS)}. ${rng.pick(plans)}`,
    leafWetness,
    temperatureC: round(14 + 12 * rng.fraction() + (issue === 'heat_stress' ? 9 : 0), 1),
    // The wind is not estimated at every stop.
    windEstimateKph: rng.percent(70) ? round(18 * rng.fraction() ** 2, 1) : null,
    location: {
      lat: round(block.lat + 0.0016 * rng.fraction(), 6),
      lon: round(block.lon + 0.0019 * rng.fraction(), 6),
      source: 'gps' as const,
      accuracyM: rng.int(3, 18),
    },
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
