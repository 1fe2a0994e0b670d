import { Issue, Severity } from '@fieldsync/contracts'
import { Argument, type Command, Option } from 'commander'

import { type Cli, COMMAND } from '../../cli.ts'
import { asOption } from './device-folder.ts'
import { type NotedValues, noted, WETNESSES } from './noted-values.ts'
import { onDevice } from './open-device.ts'
import { decided } from './recommend-commands.ts'
import { meantObservation, meantRecord, savedOutcome } from './saved-observation.ts'

type NoteOptions = NotedValues & { as: string }

const idArgument = () => new Argument('<id>', 'id of the observation, or its end')
const decidedArgument = () => new Argument('<id>', 'id of the observation or recommendation, or its end')

/** `client note|confirm|correct`: what a scout writes; none needs a network. */
export function addWriteCommands(group: Command, cli: Cli): void {
  group
    .command('note')
    .description('write an observation on this device, as a draft')
    .argument('<text>', 'what was seen')
    .addOption(asOption())
    .addOption(new Option('--issue <issue>', 'what it is').choices(Issue.options))
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(Severity.options))
    .option('--block <name>', 'where in the vineyard')
    .option('--symptom <text...>', 'a symptom, or "none noted"')
    .option('--wind <km/h>', 'estimated wind speed')
    .addOption(new Option('--wetness <wetness>', 'leaf wetness').choices(WETNESSES))
    .option('--lat <degrees>', 'latitude; needs --lon')
    .option('--lon <degrees>', 'longitude; needs --lat')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nOmitted values are marked as not observed.\n\nExample:\n  ${COMMAND} client note "White powder on leaves" --issue powdery_mildew --severity low --symptom "white powder on leaves"`,
    )
    .action((text: string, { as, ...values }: NoteOptions) =>
      onDevice(cli, as, async (device) => {
        const { client, profile } = device
        const now = new Date().toISOString()
        const saved = await client.saveObservation({
          observationId: client.ids.observation(),
          deviceId: profile.deviceId,
          createdAt: now,
          captureMode: 'typed',
          rawNoteText: text,
          transcription: { text, source: 'manual_typed', confidence: 1 },
          ...noted(values, now),
          status: 'draft',
          schemaVersion: '1.0.0',
        })
        return savedOutcome(device, saved, 'Noted')
      }),
    )
  group
    .command('confirm')
    .description(
      'confirm a draft, which from then on changes only by corrections; or accept a recommendation',
    )
    .addArgument(decidedArgument())
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client confirm 2M6RYB`)
    .action((id: string, { as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const meant = await meantRecord(device, ['observation', 'recommendation'], id)
        if ('recommendation' in meant) return decided(device, meant.recommendation, 'confirmed')
        const draft = meant.observation
        const saved = await device.client.saveObservation(
          { ...draft, status: 'confirmed' },
          { basedOn: draft },
        )
        return savedOutcome(device, saved, 'Confirmed')
      }),
    )
  group
    .command('correct')
    .description('correct the text of a confirmed observation, with a reason')
    .addArgument(idArgument())
    .argument('<text>', 'the corrected text')
    .addOption(asOption())
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} client correct 2M6RYB "Rust, not mildew" --reason "looked again"`,
    )
    .action((id: string, text: string, { as, reason }: { as: string; reason: string }) =>
      onDevice(cli, as, async (device) => {
        const basedOn = await meantObservation(device, id)
        const changes = { rawNoteText: text, transcription: { ...basedOn.transcription, text } }
        const saved = await device.client.correct(basedOn.observationId, changes, reason, {
          basedOn,
        })
        return savedOutcome(device, saved, 'Corrected')
      }),
    )
}
