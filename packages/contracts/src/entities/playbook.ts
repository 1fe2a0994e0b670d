import { z } from 'zod'

import { PlaybookId, RuleId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { breaking, innerArray, MAX_INNER_ARRAY, RequiredText, ShortText } from '../text.ts'
import { CanopyTemperatureC, Crop, Severity } from './field-terms.ts'
import { JsonPointer } from './json-pointer.ts'

/** A time of day from and until, on the workspace's clock. */
export const TIME_WINDOW_PATTERN = /^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/

const ShiftMinutes = z.int().min(-240).max(240)

/** One agronomy rule: when to act on an issue of a severity, and how weather moves the time. */
export const PlaybookRule = z
  .strictObject({
    ruleId: RuleId,
    issue: z.enum(['powdery_mildew', 'heat_stress']),
    severity: Severity,
    constraints: z.strictObject({
      maxWindKph: z.number().min(0).max(100),
      avoidInversion: z.boolean().optional(),
      maxRelativeHumidityPct: z.number().min(0).max(100).optional(),
      minHoursWithoutRain: z.number().min(0).max(48).optional(),
      maxTemperatureC: CanopyTemperatureC.optional(),
      irrigationWindowLocal: z.string().regex(TIME_WINDOW_PATTERN, 'must look like 04:30-07:00').optional(),
    }),
    action: z.strictObject({
      type: z.enum(['spray', 'irrigate', 'monitor']),
      instructions: RequiredText,
    }),
    timing: z.strictObject({
      baseWindowHours: z.strictObject({
        startOffsetHours: z.number().min(0).max(24),
        endOffsetHours: z.number().min(0).max(48),
      }),
      weatherAdjustments: innerArray(
        z.strictObject({
          feature: z.enum([
            'inversionPresent',
            'humidityLayering',
            'windShearProxy',
            'sprayWindowScore',
            'diseaseRiskScore',
            'heatStressScore',
          ]),
          condition: ShortText,
          shiftStartMinutes: ShiftMinutes,
          shiftEndMinutes: ShiftMinutes,
          rationaleTag: ShortText,
        }),
      ),
    }),
    editablePaths: innerArray(JsonPointer, 1),
  })
  .meta({ id: 'PlaybookRule' })
export type PlaybookRule = z.infer<typeof PlaybookRule>

/** A versioned set of agronomy rules for one crop and region. */
export const Playbook = z
  .strictObject({
    playbookId: PlaybookId,
    crop: Crop,
    region: z.literal('yolo_county_ca'),
    version: z.int().min(1),
    updatedAt: Instant,
    rules: z
      .record(RuleId, PlaybookRule)
      .refine(
        (rules) => Object.keys(rules).length <= MAX_INNER_ARRAY,
        breaking('too_many_rules', `must have at most ${MAX_INNER_ARRAY} rules`),
      ),
  })
  .meta({ id: 'Playbook' })
export type Playbook = z.infer<typeof Playbook>

/**
 * What is published of a playbook. What the server sets is ignored, so that a playbook can be sent as it was read: version, time,
 * and since when it is retired.
 */
export const PlaybookContent = Playbook.partial({ version: true, updatedAt: true })
  .extend({ retiredAt: Instant.optional() })
  .meta({ id: 'PlaybookContent' })
export type PlaybookContent = z.infer<typeof PlaybookContent>
