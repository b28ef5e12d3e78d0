import type { Role } from '../../domain/participant/roles.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'

/** One key of a participant's account. */
export interface CastSigner {
  duty: SignerDuty
  kind: 'secp256k1' | 'p256' | 'sm2'
}

const maker: CastSigner = { duty: 'maker', kind: 'secp256k1' }
/** As banks and browsers keep them: in a smart card, a phone's secure element or a passkey. */
const cardChecker: CastSigner = { duty: 'checker', kind: 'p256' }
/** As Chinese firms have to: both keys are SM2. */
const sm2Signers: readonly CastSigner[] = [
  { duty: 'maker', kind: 'sm2' },
  { duty: 'checker', kind: 'sm2' }
]

/** A participant of the small world that a first start admits. Every name and identifier is our own invention. */
export interface CastMember {
  /** Short name of the command line and the story. */
  slug: string
  name: string
  country: string
  roles: Role[]
  /** Tier in the supply chain, for suppliers. */
  tier?: number
  /** Its keys. Where there is a checker, maker and checker both have to sign. */
  signers: readonly CastSigner[]
  /**
   * `SCHEME:value` in the spelling of domain/participant/identifiers.ts; the first is the legal identity. LEIs are under the prefix
   * 9999, GLNs under 952, which GS1 keeps for examples: nobody has them.
   */
  identifiers: string[]
  /** Firms under one control, whose debts a regulator counts together. */
  group?: string
  /** Where it is paid, `SCHEME:value`. Invented: no bank has these numbers. */
  paymentAccount?: string
}

/** Who runs the registry, as its certificates name it. */
export const operator = {
  organization: 'Tallystick Registry',
  country: 'CN',
  organizationIdentifier: 'USCC:91310000MA1TALLY9J'
}

/** In the order of their participant numbers; number 1 is the operator of the registry. */
export const cast: readonly CastMember[] = [
  {
    slug: 'beichen',
    name: '北辰重工集团有限公司 Beichen Heavy Industries',
    country: 'CN',
    roles: ['debtor'],
    signers: sm2Signers,
    identifiers: ['USCC:91310000MA1TALLY0N', 'LEI:999900TALLYBEICH0048', 'GLN:9520000000004'],
    group: '北辰集团 Beichen Group'
  },
  {
    slug: 'meridian',
    name: 'Meridian Automotive SE',
    country: 'DE',
    roles: ['debtor'],
    signers: [maker, cardChecker],
    identifiers: [
      'VAT:DE900417723',
      'LEI:999900TALLYMERID0195',
      'GLN:9520000000011',
      'LEG:DE:HRB900417',
      'TAX:DE:90041772399'
    ]
  },
  {
    slug: 'hualing',
    name: '华岭精密部件有限公司 Hualing Precision Parts',
    country: 'CN',
    roles: ['supplier'],
    tier: 1,
    signers: sm2Signers,
    identifiers: ['USCC:91320500MA1TALLY1P', 'LEI:999900TALLYHUALI0233', 'GLN:9520000000028', 'CN-TAX:320500TALLY0001'],
    paymentAccount: 'CN:999320500001:6200990000000001'
  },
  {
    slug: 'alder',
    name: 'Alder & Finch Castings GmbH',
    country: 'DE',
    roles: ['supplier'],
    tier: 1,
    signers: [maker, cardChecker],
    identifiers: [
      'VAT:DE900551209',
      'LEI:999900TALLYALDER0307',
      'GLN:9520000000035',
      'LEG:DE:HRB900551',
      'TAX:DE:90055120999',
      'EM:INVOICES@ALDER-FINCH.EXAMPLE'
    ],
    paymentAccount: 'IBAN:DE00999999990000551209'
  },
  {
    slug: 'yunchuan',
    name: '云川金属材料有限公司 Yunchuan Metals',
    country: 'CN',
    roles: ['supplier'],
    tier: 2,
    signers: sm2Signers,
    identifiers: ['USCC:91330200MA1TALLY2F', 'LEI:999900TALLYYUNCH0425', 'GLN:9520000000042'],
    paymentAccount: 'CN:999330200001:6200990000000002'
  },
  {
    slug: 'corvale',
    name: 'Corvale Polymers B.V.',
    country: 'NL',
    roles: ['supplier'],
    tier: 2,
    signers: [maker],
    identifiers: ['VAT:NL900118846B01', 'LEI:999900TALLYCORVA0560', 'GLN:9520000000059', '0106:90011884'],
    paymentAccount: 'IBAN:NL00TALL0900118846'
  },
  {
    slug: 'qinghe',
    name: '青禾包装制品有限公司 Qinghe Packaging',
    country: 'CN',
    roles: ['supplier'],
    tier: 3,
    signers: sm2Signers,
    identifiers: ['USCC:91440300MA1TALLY3J', 'LEI:999900TALLYQINGH0626', 'GLN:9520000000066'],
    paymentAccount: 'CN:999440300001:6200990000000003'
  },
  {
    slug: 'tormel',
    name: 'Tormel Fasteners S.r.l.',
    country: 'IT',
    roles: ['supplier'],
    tier: 3,
    signers: [maker],
    identifiers: [
      'VAT:IT90077120482',
      'LEI:999900TALLYTORME0790',
      'GLN:9520000000073',
      'TAX:IT:90077120482',
      'LEG:IT:RM907712'
    ],
    paymentAccount: 'IBAN:IT00T9999999999000077120482'
  },
  {
    slug: 'huichuan',
    name: '汇川商业保理有限公司 Huichuan Factoring',
    country: 'CN',
    roles: ['factor'],
    signers: sm2Signers,
    identifiers: ['USCC:91120118MA1TALLY42', 'LEI:999900TALLYHUICH0807', 'GLN:9520000000080'],
    paymentAccount: 'CN:999120118001:6200990000000004'
  },
  {
    slug: 'lindqvist',
    name: 'Lindqvist Factoring AB',
    country: 'SE',
    roles: ['factor'],
    signers: [maker],
    identifiers: ['VAT:SE990012345601', 'LEI:999900TALLYLINDQ0973', 'GLN:9520000000097', '0007:9900123456'],
    paymentAccount: 'IBAN:SE0099900000009900123456'
  },
  {
    slug: 'jiangan',
    name: '江岸清算银行 Jiangan Clearing Bank',
    country: 'CN',
    roles: ['clearing'],
    signers: sm2Signers,
    identifiers: ['USCC:91420100MA1TALLY56', 'LEI:999900TALLYJIANG1073', 'GLN:9520000000103'],
    paymentAccount: 'CN:999420100001:6200990000000005'
  },
  {
    slug: 'regulator',
    name: '供应链金融监督局 Supply Chain Finance Authority',
    country: 'CN',
    roles: ['regulator'],
    signers: sm2Signers,
    identifiers: ['USCC:11100000MA1TALLY60', 'LEI:999900TALLYREGUL1119', 'GLN:9520000000110']
  },
  {
    slug: 'registrar',
    name: '登记处 Registrar of the Registry',
    country: 'CN',
    roles: ['registrar'],
    signers: sm2Signers,
    identifiers: ['USCC:91310000MA1TALLY7C', 'LEI:999900TALLYREGTR1286', 'GLN:9520000000134']
  }
]

/** Participant numbers: the operator is 1, the cast follows in order. */
export function participantIdOf(slug: string): number {
  return cast.findIndex((member) => member.slug === slug) + 2
}
