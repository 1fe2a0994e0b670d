import type { Recommendation } from '@fieldsync/contracts'
import { radius, space } from '@fieldsync/design'
import { View } from 'react-native'

import { windowText } from '../components/window-text.ts'
import { useSettings } from '../data/settings-context.ts'
import { durationText } from '../messages/duration-text.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { useColors } from '../theme/theme-context.ts'
import { Text } from '../ui/text.tsx'
import { timelineOf } from './timeline.ts'

type Window = Pick<Recommendation['timingWindow'], 'startAt' | 'endAt'>

/** When to act: in words, and drawn for those who see it. The drawing says nothing that the words do not. */
export function WindowView({ window, now }: { readonly window: Window; readonly now: number }) {
  const texts = useTexts()
  const { timeZone } = useSettings().settings
  return (
    <View style={{ gap: space.s }}>
      <Text as="bodyStrong">{windowText(texts, window, timeZone, now)}</Text>
      <Text as="note" soft>
        {nearnessText(texts.t, window, now)}
      </Text>
      <Drawing window={window} now={now} />
    </View>
  )
}

/** How far a window is from now. */
export function nearnessText(t: Say, { startAt, endAt }: Window, now: number): string {
  const [start, end] = [Date.parse(startAt), Date.parse(endAt)]
  if (end <= now) return t('recommendation.passed')
  return start > now
    ? t('recommendation.opens', { in: durationText(t, start - now) })
    : t('recommendation.closes', { in: durationText(t, end - now) })
}

const HEIGHT = 28

function Drawing({ window, now }: { readonly window: Window; readonly now: number }) {
  const { t, formats } = useTexts()
  const colors = useColors()
  const [start, end] = [Date.parse(window.startAt), Date.parse(window.endAt)]
  const drawn = timelineOf(start, end, now)
  const isPast = end <= now
  const percent = (share: number) => `${share * 100}%` as const
  const tone = colors.tones[isPast ? 'calm' : 'settled']
  return (
    <View aria-hidden style={{ gap: space.xs }}>
      <View
        style={{
          height: HEIGHT,
          borderRadius: radius.m,
          backgroundColor: colors.well,
          overflow: 'hidden',
        }}
      >
        <View
          style={{
            position: 'absolute',
            top: 0,
            bottom: 0,
            left: percent(drawn.start),
            width: percent(drawn.width),
            backgroundColor: tone.ink,
            borderRadius: radius.m,
          }}
        />
        {drawn.now !== null && (
          <View
            style={{
              position: 'absolute',
              top: 0,
              bottom: 0,
              left: percent(drawn.now),
              width: 3,
              marginLeft: -1,
              backgroundColor: colors.ink,
              borderColor: colors.surface,
              borderWidth: 1,
              boxSizing: 'content-box',
            }}
          />
        )}
      </View>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', columnGap: space.l }}>
        <Key color={tone.ink} label={t('recommendation.window')} />
        {drawn.now !== null && (
          <Key
            color={colors.ink}
            label={`${t('recommendation.now')} ${formats.briefMoment(now, now)}`}
            isNarrow
          />
        )}
      </View>
    </View>
  )
}

type KeyProps = { readonly color: string; readonly label: string; readonly isNarrow?: boolean }

function Key({ color, label, isNarrow = false }: KeyProps) {
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: space.xs }}>
      <View
        style={{
          width: isNarrow ? 3 : 14,
          height: 14,
          borderRadius: isNarrow ? 0 : 4,
          backgroundColor: color,
        }}
      />
      <Text as="small" soft>
        {label}
      </Text>
    </View>
  )
}
