/**
 * Flags for the Node that runs the indexer; it does without them too. A backfill makes many objects that live for one range: with
 * room for them (megabytes; 16 otherwise) a seventh less processor time was measured, once each, on a busy machine: fewer of them are copied.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=32']
