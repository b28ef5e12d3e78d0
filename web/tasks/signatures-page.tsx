import type { Intent } from '../../client/operations.generated.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { moment } from '../i18n/format.ts'
import { useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { VetoAlert } from '../registrar/veto-alert.tsx'
import { requestSignatures } from '../signing/request.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { Empty } from '../ui/empty.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'

const text = defineText({
  title: { en: 'Signatures', zh: '签名' },
  lead: {
    en: 'Commands of your firm: what waits for a second person, and what became of the others.',
    zh: '本单位的指令：待第二人签名的指令，以及其余指令的结果。'
  },
  caption: { en: 'Commands, newest first', zh: '指令（最新在前）' },
  what: { en: 'Command, as the registry words it', zh: '指令（系统措辞）' },
  signed: { en: 'Signed', zh: '已签' },
  state: { en: 'State', zh: '状态' },
  when: { en: 'Proposed', zh: '提出时间' },
  transaction: { en: 'Transaction', zh: '交易' },
  block: { en: (block: number) => `block ${block}`, zh: (block: number) => `区块 ${block}` },
  evidence: { en: 'Evidence', zh: '存证' },
  sign: { en: 'Read and sign', zh: '查看并签署' },
  none: { en: 'No commands yet', zh: '尚无指令' },
  noneHint: {
    en: 'Whatever you register, confirm or transfer is listed here.',
    zh: '您登记、确权或转让的指令都会列在此处。'
  }
})

/** What waits for signatures, and what became of the commands of before. */
export function SignaturesPage() {
  const t = useText(text)
  const live = useLive('intents', (signal) => api.call('listIntents', { limit: '100' }, { signal }), { everyMs: 4000 })
  const signedOf = ({ signatures, signersRequired: { makers, checkers } }: Intent) =>
    `${signatures.length} / ${makers + checkers}`
  return (
    <Page title={t.title} lead={t.lead}>
      <VetoAlert />
      <Loaded live={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <DataTable
              caption={t.caption}
              rows={items}
              keyOf={({ intentId }) => intentId}
              columns={[
                { title: t.what, cell: ({ words }) => words[language.value] },
                { title: t.when, cell: ({ createdAt }) => moment(Date.parse(createdAt) / 1000) },
                { title: t.signed, cell: signedOf },
                {
                  title: t.state,
                  cell: (intent) => (
                    <>
                      <StateChip state={intent.state} />{' '}
                      {intent.state === 'awaiting-signatures' && may('sign') && (
                        <button type="button" onClick={() => void requestSignatures([intent])}>
                          {t.sign}
                        </button>
                      )}
                      {intent.refusal && <code>{intent.refusal.code}</code>}
                    </>
                  )
                },
                {
                  title: t.transaction,
                  cell: ({ txHash, blockNumber }) =>
                    txHash === null ? (
                      '–'
                    ) : (
                      <>
                        <Hash value={txHash} /> {blockNumber !== null && t.block(blockNumber)}{' '}
                        {blockNumber !== null && (
                          <Download
                            label={t.evidence}
                            fileName={`transaction-${txHash.slice(2, 14)}.zip`}
                            type="application/zip"
                            load={() => api.download('getTransactionEvidence', { txHash })}
                          />
                        )}
                      </>
                    )
                }
              ]}
            />
          )
        }
      </Loaded>
    </Page>
  )
}
