import { nameOf, valueText } from '../../components/value-text.ts'
import { useMessages } from '../../messages/messages.tsx'
import { type Change } from './leaves.ts'

/** Changed values, before and after. */
export function Differences({ changes }: { changes: readonly Change[] }) {
  const { t, formats } = useMessages()
  if (changes.length === 0) return <p className="soft">{t('diff.none')}</p>
  return (
    <ul className="diff">
      {changes.map(({ path, segments, before, after }) => (
        <li key={path}>
          <strong>{nameOf(segments, t)}</strong>
          <code className="soft">{path}</code>
          <div className="sides">
            <span>
              <span className="visually-hidden">{t('diff.before')}: </span>
              <del>{valueText(segments, before, { t, formats })}</del>
            </span>
            <span aria-hidden="true">→</span>
            <span>
              <span className="visually-hidden">{t('diff.after')}: </span>
              <mark>{valueText(segments, after, { t, formats })}</mark>
            </span>
          </div>
        </li>
      ))}
    </ul>
  )
}
