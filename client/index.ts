/** The client for outside programs: `Api` to ask, signers, `carryOut` to sign a command and follow it to its end. */
export { Api, type ApiOptions, type CallOptions, type Input, type OperationId, type Output } from './api.ts'
export { carryOut, follow, FollowTimeout, isEnded, sign, type FollowOptions } from './intents.ts'
export {
  knownOf,
  KeyFileError,
  openKeyFile,
  parseKeyFile,
  sealKeyFile,
  signerOfFile,
  type KeyFile
} from './key-file.ts'
export { requireTerms } from './acceptance.ts'
export { requireSigned, signQuote, termsOf, type QuoteView } from './quotes.ts'
export { followEvents, type StreamMessage, type StreamOptions } from './events.ts'
export { logIn, type SessionToken } from './login.ts'
export type { Alarm, Intent, Note, Participant, ReadDocument, Receivable } from './operations.generated.ts'
export { ApiUnreachable, CommandRefused, ProblemError, type Problem } from './problem.ts'
export { commandsOf, ReviewError, type Known } from './review.ts'
export { keySigner, signatureBody, type IntentSigner, type KeyKind } from './signers.ts'
export {
  addressOfWallet,
  standingInWallet,
  WalletError,
  walletSigner,
  type WalletErrorCode,
  type WalletProvider,
  type WalletStanding
} from './wallet.ts'
