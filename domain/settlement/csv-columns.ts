/** The columns that a bank's export in CSV may have: for the reader of it, and for the form that names them. */
export const csvColumns = [
  'day',
  'valueDay',
  'amount',
  'credit',
  'debit',
  'reference',
  'endToEndId',
  'debtor',
  'debtorAccount',
  'creditor',
  'creditorAccount',
  'text'
] as const
export type CsvColumn = (typeof csvColumns)[number]
