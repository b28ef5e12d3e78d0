import { Type } from 'typebox'
import { Bytes32, ReceivableId, strict, UnixSeconds, Uuid } from '../schemas.ts'

export const TOKEN = '[1-9][0-9]{0,14}-[ar]-[0-9a-f]{8}-[0-9]{1,6}'
export const PositionToken = Type.String({
  pattern: `^(0|${TOKEN})$`,
  description: 'A place in the feed as it was given; 0: the start'
})

export const EventToken = Type.String({ pattern: `^${TOKEN}$`, description: 'The id of an event' })

export const EventSchema = Type.Object(
  {
    id: PositionToken,
    kind: Type.Enum(['added', 'retracted'], {
      description: 'retracted: a fork took it back; never on a chain with finality at once'
    }),
    name: Type.String(),
    receivableId: Type.Union([ReceivableId, Type.Null()]),
    block: Type.Integer(),
    blockHash: Bytes32,
    time: UnixSeconds,
    logIndex: Type.Integer(),
    txHash: Bytes32,
    address: Type.String({ description: 'The contract that said so' }),
    args: Type.Any(),
    intentId: Type.Union([Uuid, Type.Null()], { description: 'Your intent that brought it about' })
  },
  strict
)
