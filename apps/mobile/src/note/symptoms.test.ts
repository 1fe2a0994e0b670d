import { describe, expect, it } from 'vitest'

import { suggestedSymptoms, symptomsIn, toggled } from './symptoms.ts'

describe('the symptoms of a note', () => {
  it('[APP-12] stay in sight, and can be taken off, when another issue is chosen', () => {
    const chosen = ['white powder on leaves', 'spots on leaves']
    const suggested = suggestedSymptoms('heat_stress', chosen)
    expect(suggested).toEqual(expect.arrayContaining(['wilting leaves', ...chosen, 'none noted']))
    expect(suggested).not.toContain('curled leaves')
    expect(toggled(chosen, 'white powder on leaves')).toEqual(['spots on leaves'])
    expect(suggestedSymptoms(null, [])).toHaveLength(13)
  })

  it('[APP-12] exclude that there are none', () => {
    expect(toggled(['insects', 'eaten by deer'], 'none noted')).toEqual(['none noted'])
    expect(toggled(['none noted'], 'insects')).toEqual(['insects'])
  })

  it('[SHP-15] typed in words are the offered one where there is one', () => {
    expect(symptomsIn('Insectos, hojas comidas,, insects')).toEqual(['insects', 'hojas comidas'])
  })
})
