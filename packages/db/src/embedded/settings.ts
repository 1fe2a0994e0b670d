import type { ClusterPaths } from './cluster-paths.ts'

const COMMON = {
  listen_addresses: '127.0.0.1',
  // TCP on loopback alone: a socket file would need a folder with a short path and the right owner.
  unix_socket_directories: '',
  max_connections: '100',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Short statements on a small machine: JIT compilation and parallel workers cost more than they gain.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgresql-%Y%m%d-%H%M%S.log',
  log_file_mode: '0600',
  log_rotation_age: '1d',
  log_rotation_size: '10MB',
  log_line_prefix: '%m [%p] %q%u@%d ',
  // Statements may carry field notes; they stay out of the log.
  log_min_error_statement: 'panic',
}

const DURABLE = { shared_buffers: '128MB', max_wal_size: '1GB', checkpoint_completion_target: '0.9' }

const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: '64MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
}

/**
 * Command-line settings of the server. `fast` gives up crash safety and is for tests only.
 * @param more settings of the archive, if there is one
 */
export function postgresArguments(
  paths: ClusterPaths,
  port: number,
  fast: boolean,
  more: Readonly<Record<string, string>>,
): string[] {
  const settings = { ...COMMON, ...(fast ? FAST : DURABLE), ...more }
  return [
    '-D',
    paths.dataDir,
    `--port=${port}`,
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
  ]
}
