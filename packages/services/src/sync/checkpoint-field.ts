import type { SyncBatchRequest } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'

/** The checkpoint of an answer as the text before its closing brace; empty where the device needs none (AUD-32). */
export const checkpointField = (
  { actor, request, runtime }: ServiceContext,
  { report }: Pick<SyncBatchRequest, 'report'>,
): string =>
  runtime.checkpoints?.answerField({
    workspaceId: actor.workspaceId,
    deviceId: actor.deviceId,
    reported: report?.checkpoint,
    contract: request.contract,
  }) ?? ''
