import type { Overview } from '@fieldsync/contracts'
import { useElementSize } from '@mantine/hooks'

import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useSignedIn } from '../../server/server.ts'

// Until it is measured.
const FIRST_WIDTH = 720
const NARROW = 480
const HEIGHT = 180
const FOOT = 22
const LEFT = 34

/** Records of each of the last sixty minutes: what was accepted, and on top of it what met a conflict. */
export function HourChart({ lastHour }: { lastHour: Overview['lastHour'] }) {
  const { t, formats } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const { minutes } = lastHour
  // Drawn as wide as it is shown: scaled down to a phone its words could not be read.
  const { ref, width: measured } = useElementSize()
  const width = measured || FIRST_WIDTH
  const most = Math.max(1, ...minutes.map(({ accepted, conflicts }) => accepted + conflicts))
  const step = (width - LEFT) / minutes.length
  const height = (count: number): number => (count / most) * (HEIGHT - FOOT - 14)
  const ground = HEIGHT - FOOT
  const label = t('overview.chart.told', {
    accepted: formats.number(lastHour.accepted),
    conflicts: formats.number(lastHour.conflicts),
    syncs: formats.number(lastHour.syncs),
  })
  return (
    <div ref={ref}>
      <svg className="chart" viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
        <line x1={LEFT} x2={width} y1={ground} y2={ground} />
        <line
          x1={LEFT}
          x2={width}
          y1={ground - height(most)}
          y2={ground - height(most)}
          strokeDasharray="3 4"
        />
        <text x={LEFT - 8} y={ground - height(most) + 4} textAnchor="end">
          {formats.number(most)}
        </text>
        <text x={LEFT - 8} y={ground + 4} textAnchor="end">
          0
        </text>
        {minutes.map(({ at, accepted, conflicts }, index) => (
          <g key={at}>
            <rect
              className="accepted"
              x={LEFT + index * step + 1}
              width={step - 2}
              y={ground - height(accepted)}
              height={height(accepted)}
            />
            <rect
              className="conflicts"
              x={LEFT + index * step + 1}
              width={step - 2}
              y={ground - height(accepted + conflicts)}
              height={height(conflicts)}
            />
          </g>
        ))}
        {(width < NARROW ? [0, 30, minutes.length - 1] : [0, 20, 40, minutes.length - 1]).map((index) => (
          <text
            key={index}
            x={LEFT + index * step}
            y={HEIGHT - 4}
            textAnchor={index === 0 ? 'start' : index > 50 ? 'end' : 'middle'}
          >
            {minutes[index] === undefined ? '' : moment(minutes[index].at)}
          </text>
        ))}
      </svg>
    </div>
  )
}
