/**
 * Identification schemes by the codes that documents write. Codes of four digits are ISO 6523 ICD or EAS codes (Peppol code
 * list "Electronic Address Scheme", v9); other texts are senders' own habits.
 */

/** Schemes that name a kind of ours: one number, whatever the code it comes under. */
export const kindOfScheme: Readonly<Record<string, 'GLN' | 'DUNS' | 'LEI'>> = {
  '0088': 'GLN',
  GLN: 'GLN',
  EAN: 'GLN',
  '0060': 'DUNS',
  DUNS: 'DUNS',
  '0199': 'LEI',
  LEI: 'LEI'
}

/** Schemes whose numbers are VAT ids, by the prefix that they may lack. */
export const vatPrefixOfScheme: Readonly<Record<string, string>> = {
  '0198': 'DK',
  '0211': 'IT',
  '0213': 'FI',
  '9904': 'DK',
  '9906': 'IT',
  '9909': 'NO',
  '9910': 'HU',
  '9914': 'AT',
  '9920': 'ES',
  '9922': 'AD',
  '9923': 'AL',
  '9924': 'BA',
  '9925': 'BE',
  '9926': 'BG',
  '9927': 'CH',
  '9928': 'CY',
  '9929': 'CZ',
  '9930': 'DE',
  '9931': 'EE',
  '9932': 'GB',
  '9933': 'EL',
  '9934': 'HR',
  '9935': 'IE',
  '9936': 'LI',
  '9937': 'LT',
  '9938': 'LU',
  '9939': 'LV',
  '9940': 'MC',
  '9941': 'ME',
  '9942': 'MK',
  '9943': 'MT',
  '9944': 'NL',
  '9945': 'PL',
  '9946': 'PT',
  '9947': 'RO',
  '9948': 'RS',
  '9949': 'SI',
  '9950': 'SK',
  '9951': 'SM',
  '9952': 'TR',
  '9953': 'VA',
  '9955': 'SE',
  '9957': 'FR'
}

/** Withdrawn codes and names of codes, and the code that the same numbers have now. */
export const codeOfScheme: Readonly<Record<string, string>> = {
  '9902': '0184',
  '9907': '0210',
  '9908': '0192',
  '9921': '0201',
  '9954': '0190',
  '9956': '0208',
  '9958': '0204',
  'DK:CVR': '0184',
  'FR:SIRENE': '0002',
  'FR:SIRET': '0009',
  'IT:CF': '0210',
  'NL:KVK': '0106',
  'NO:ORGNR': '0192',
  'SE:ORGNR': '0007'
}

/** Prefixes of VAT ids: what begins with none of them has left its own out. */
export const vatPrefixes: ReadonlySet<string> = new Set([
  ...Object.values(vatPrefixOfScheme),
  'GR',
  'XI',
  'IS',
  'UA',
  'CO',
  'CN'
])

/** Countries whose sellers have VAT ids under another prefix than their own letters. */
export const vatPrefixOfCountry: Readonly<Record<string, string>> = {
  GR: 'EL',
  MC: 'FR',
  RE: 'FR',
  GP: 'FR',
  MQ: 'FR',
  IM: 'GB'
}

/** The national register of firms, where a registration without scheme can be no other: its code, by form of the number. */
export const nationalRegisters: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  BE: [[/^[01][0-9]{9}$/, '0208']],
  DK: [[/^[0-9]{8}$/, '0184']],
  FI: [[/^[0-9]{8}$/, '0212']],
  FR: [
    [/^[0-9]{9}$/, '0002'],
    [/^[0-9]{14}$/, '0009']
  ],
  NL: [[/^[0-9]{8}$/, '0106']],
  NO: [[/^[0-9]{9}$/, '0192']],
  SE: [[/^[0-9]{10}$/, '0007']]
}
