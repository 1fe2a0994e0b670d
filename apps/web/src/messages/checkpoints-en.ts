/** What the console says of checkpoints of the audit and their witnesses. */
export const checkpointsEn = {
  'checkpoints.title': 'Is the audit intact?',
  'checkpoints.lead':
    'The server signs the end of the audit regularly. Each device keeps the newest signed checkpoint, which shows whether anyone has rewritten the audit since.',
  'checkpoints.rows': 'Entries in the audit',
  'checkpoints.last': 'Last checkpoint',
  'checkpoints.last.row': 'Entry {{seq}}, {{time}}',
  'checkpoints.last.none': 'None yet',
  'checkpoints.witnesses': 'Devices with a checkpoint',
  'checkpoints.witnesses.none':
    'None yet. A device gets one with its next sync, once the server has written one.',
  'checkpoints.agree_one': '{{count}} device agrees with the audit.',
  'checkpoints.agree_other': '{{count}} devices agree with the audit.',
  'checkpoints.device': 'Device',
  'checkpoints.row': 'Entry',
  'checkpoints.reported': 'Reported',
  'checkpoints.says': 'Result',
  'checkpoints.state.agrees': 'Agrees',
  'checkpoints.state.cut': 'Entries are missing',
  'checkpoints.state.rewritten': 'Entries were changed',
  'checkpoints.state.lost': 'Acknowledged loss',
  'checkpoints.state.unknown': 'Unknown signature',
  'checkpoints.contradicted': 'The audit is not what it was',
  'checkpoints.contradicted.lead':
    'A checkpoint names entries that are missing or were changed. After a restore from a backup this is expected: acknowledge the loss. Otherwise someone has changed the database: tell whoever runs the server.',
  'checkpoints.failing':
    'The server cannot write checkpoints to one of its stores. It tries again on its own.',
  'checkpoints.acknowledge': 'Acknowledge loss',
  'checkpoints.acknowledge.lead':
    'Only after a restore from a backup. The loss stays visible in the audit, with your reason.',
  'checkpoints.acknowledge.reason': 'What happened',
  'checkpoints.acknowledge.reason.wrong': 'Say what happened, e.g. which backup was restored.',
} as const
