import { type Difference, differences } from '@fieldsync/agronomy'
import type { Recommendation } from '@fieldsync/contracts'
import { actionAdvice, driverText, rationaleText, riskFlagText } from '@fieldsync/messages'
import type { ReactNode } from 'react'

import { useMessages, useWindowText } from '../../messages/messages.tsx'
import { useSignedIn } from '../../server/server.ts'

type Props = { readonly before: Recommendation; readonly after: Recommendation }

/** In what two recommendations for one note differ, before and after, in words; what they have in common is left out. */
export function ChangedRecommendation({ before, after }: Props) {
  const { t } = useMessages()
  const found = differences(before, after)
  if (found.length === 0) return <p className="soft">{t('recommendation.history.same')}</p>
  return found.map((difference) => (
    <div key={difference}>
      <strong>{t(`recommendation.changed.${difference}`)}</strong>
      <div className="sides">
        <span>
          <span className="visually-hidden">{t('diff.before')}: </span>
          <Side of={difference} recommendation={before} other={after} />
        </span>
        <span aria-hidden="true">→</span>
        <span>
          <span className="visually-hidden">{t('diff.after')}: </span>
          <Side of={difference} recommendation={after} other={before} />
        </span>
      </div>
    </div>
  ))
}

type SideProps = {
  readonly of: Difference
  readonly recommendation: Recommendation
  readonly other: Recommendation
}

function Side({ of, recommendation, other }: SideProps): ReactNode {
  const { t } = useMessages()
  const windowText = useWindowText(useSignedIn().session.workspace.timeZone)
  const sentence = useDriverText()
  switch (of) {
    case 'action':
      return actionAdvice(t, recommendation.action)
    case 'window':
      return windowText(recommendation.timingWindow)
    case 'rationale':
      return <Own of={recommendation.rationale} than={other.rationale} as={(tag) => rationaleText(t, tag)} />
    case 'riskFlags':
      return <Own of={recommendation.riskFlags} than={other.riskFlags} as={(flag) => riskFlagText(t, flag)} />
    case 'drivers':
      return <Own of={recommendation.timingWindow.drivers} than={other.timingWindow.drivers} as={sentence} />
  }
}

type OwnProps<V extends string> = {
  readonly of: readonly V[]
  readonly than: readonly V[]
  readonly as: (value: V) => string
}

/** What one side has and the other has not. */
function Own<V extends string>({ of, than, as }: OwnProps<V>) {
  const own = of.filter((each) => !than.includes(each))
  if (own.length === 0) return '–'
  return (
    <ul className="plain-list">
      {own.map((each) => (
        <li key={each}>{as(each)}</li>
      ))}
    </ul>
  )
}

/** A driver as a sentence in the person's language and units. */
export function useDriverText(): (driver: string) => string {
  const { t, formats } = useMessages()
  return (driver) => driverText(t, formats, driver)
}
