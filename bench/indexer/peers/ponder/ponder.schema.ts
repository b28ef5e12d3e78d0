import { index, onchainTable } from 'ponder'

export const receivable = onchainTable('receivable', (t) => ({
  id: t.text().primaryKey(),
  amount: t.bigint().notNull(),
  creditor: t.integer().notNull(),
  debtor: t.integer().notNull(),
  state: t.text().notNull(),
  starts: t.bigint().array().notNull()
}))

export const note = onchainTable(
  'note',
  (t) => ({
    id: t.text().primaryKey(),
    receivable: t.text().notNull(),
    start: t.bigint().notNull(),
    stop: t.bigint().notNull(),
    holder: t.integer().notNull(),
    state: t.text().notNull()
  }),
  (table) => ({ byReceivable: index().on(table.receivable) })
)

export const claim = onchainTable('claim', (t) => ({ id: t.text().primaryKey(), word: t.bigint().notNull() }))
