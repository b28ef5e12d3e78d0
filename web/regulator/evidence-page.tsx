import { useState } from 'preact/hooks'
import { getBytes, hexlify } from 'ethers'
import type { Output } from '../../client/api.ts'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import { verifyInclusion } from '../../domain/evidence/merkle.ts'
import { moment, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { Download } from '../ui/download.tsx'
import { DropZone } from '../ui/drop-zone.tsx'
import { Facts } from '../ui/facts.tsx'
import { Field } from '../ui/field.tsx'
import { Hash } from '../ui/hash.tsx'
import { Page } from '../ui/page.tsx'
import { Problem } from '../ui/problem.tsx'
import { FingerprintCertificate } from './fingerprint-certificate.tsx'

const text = defineText({
  title: { en: 'Evidence check', zh: '存证核查' },
  lead: {
    en: 'Whether a file is in the evidence log, where, and with the proof. The file is hashed in this page and not sent.',
    zh: '文件是否已存证、位置及其证明。文件仅在本页计算摘要，不会上传。'
  },
  file: { en: 'Any file', zh: '任意文件' },
  digest: {
    en: 'Or its digest (SHA-256, SM3 or leaf hash, 0x and 64 hex digits)',
    zh: '或其摘要（SHA-256、SM3 或叶哈希，0x 加 64 位十六进制）'
  },
  look: { en: 'Look for it', zh: '核查' },
  recorded: { en: '✓ It is recorded', zh: '✓ 已存证' },
  notRecorded: { en: '✗ It is not recorded', zh: '✗ 未存证' },
  asOf: {
    en: (size: string, anchored: string) => `As of a log of ${size} leaves, ${anchored} of them anchored.`,
    zh: (size: string, anchored: string) => `截至日志 ${size} 叶，其中 ${anchored} 叶已锚定。`
  },
  leaf: { en: 'Leaf', zh: '叶' },
  kind: { en: 'Of a', zh: '类别' },
  document: { en: 'document', zh: '单据' },
  command: { en: 'command', zh: '指令' },
  state: { en: 'state', zh: '状态' },
  cut: { en: 'cut', zh: '拆分' },
  statement: { en: 'statement', zh: '证明' },
  anchored: { en: 'Anchored by', zh: '锚定' },
  block: {
    en: (block: string, time: string) => `block ${block}, ${time}`,
    zh: (block: string, time: string) => `区块 ${block}，${time}`
  },
  transaction: { en: 'Transaction', zh: '交易' },
  root: { en: 'Root of the log', zh: '日志根' },
  notAnchored: { en: 'not yet: look again in a minute', zh: '尚未锚定：请稍后再查' },
  proof: { en: 'Proof', zh: '证明' },
  holds: { en: '✓ leads to that root, checked in this page', zh: '✓ 可推至该根，已在本页核验' },
  broken: { en: '✗ does not lead to that root: do not rely on it', zh: '✗ 无法推至该根：请勿采信' },
  says: { en: 'What the leaf says', zh: '叶内容' },
  download: { en: 'Download the answer', zh: '下载核查结果' },
  fingerprints: { en: 'Certificate of a fingerprint', zh: '指纹证明' },
  fingerprintsLead: {
    en: 'Who has claimed a document, or that nobody has, signed and proven from the chain.',
    zh: '证明单据由谁占用或无人占用，经签署并由链上证明。'
  },
  fingerprint: { en: 'Fingerprint (0x and 64 hex digits)', zh: '指纹（0x 加 64 位十六进制）' }
})

type Check = Output<'getEvidenceCheck'>
const DIGEST = '0x[0-9a-fA-F]{64}'

/** Asks the log for a file or a digest, and the chain for a fingerprint. */
export function EvidencePage() {
  const t = useText(text)
  const [digest, setDigest] = useState('')
  const [found, setFound] = useState<Check>()
  const [error, setError] = useState<unknown>()
  const [fingerprint, setFingerprint] = useState('')
  const look = async (digests: readonly string[]): Promise<void> => {
    setError(undefined)
    setFound(undefined)
    try {
      for (const one of digests) {
        const answer = await api.call('getEvidenceCheck', { digest: one })
        setFound(answer)
        if (answer.isRecorded) return
      }
    } catch (failure) {
      setError(failure)
    }
  }
  const take = async (file: File): Promise<void> => {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const digests = [hexlify(sha256(bytes)), hexlify(sm3(bytes))]
    setDigest(digests[0]!)
    await look(digests)
  }
  return (
    <Page title={t.title} lead={t.lead}>
      <DropZone label={t.file} onFile={(file) => void take(file)} />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void look([digest.trim().toLowerCase()])
        }}
      >
        <Field label={t.digest}>
          {(attributes) => (
            <input
              {...attributes}
              required
              pattern={`\\s*${DIGEST}\\s*`}
              value={digest}
              onInput={(event) => setDigest(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="primary">
          {t.look}
        </button>
      </form>
      <Problem error={error} />
      {found && <CheckView check={found} />}
      <section aria-labelledby="fingerprint-title">
        <h2 id="fingerprint-title">{t.fingerprints}</h2>
        <p class="hint">{t.fingerprintsLead}</p>
        <Field label={t.fingerprint}>
          {(attributes) => (
            <input {...attributes} value={fingerprint} onInput={(event) => setFingerprint(event.currentTarget.value)} />
          )}
        </Field>
        {new RegExp(`^${DIGEST}$`).test(fingerprint.trim()) && (
          <FingerprintCertificate key={fingerprint} fingerprint={fingerprint.trim().toLowerCase()} />
        )}
      </section>
    </Page>
  )
}

function CheckView({ check }: { check: Check }) {
  const t = useText(text)
  const { isRecorded, logSize, anchoredSize, records, digests } = check
  return (
    <section class={`report report-${isRecorded ? 'verified' : 'failed'}`}>
      <h2>{isRecorded ? t.recorded : t.notRecorded}</h2>
      <p>{t.asOf(number(logSize), number(anchoredSize))}</p>
      {records.map((record) => (
        <RecordView key={record.leafIndex} record={record} />
      ))}
      <Download
        label={t.download}
        fileName={`evidence-check-${digests[0]!.slice(2, 14)}.json`}
        type="application/json"
        load={async () => new TextEncoder().encode(JSON.stringify(check, undefined, 2))}
      />
    </section>
  )
}

function RecordView({
  record: { leafIndex, leafHash, kind, head, proof, record }
}: {
  record: Check['records'][number]
}) {
  const t = useText(text)
  return (
    <>
      <Facts
        of={[
          [t.leaf, number(leafIndex)],
          [t.kind, t[kind]],
          [t.anchored, head === null ? t.notAnchored : t.block(number(head.block), moment(head.anchoredAt))],
          [t.transaction, head === null ? undefined : <Hash key="tx" value={head.txHash} />],
          [t.root, head === null ? undefined : <Hash key="root" value={head.root} />],
          [
            t.proof,
            head === null
              ? undefined
              : verifyInclusion(leafIndex, head.size, getBytes(leafHash), proof.map((hash) => getBytes(hash)), getBytes(head.root)) // prettier-ignore
                ? t.holds
                : t.broken
          ]
        ]}
      />
      {record !== null && (
        <details>
          <summary>{t.says}</summary>
          <pre tabIndex={0}>{JSON.stringify(record, undefined, 2)}</pre>
        </details>
      )}
    </>
  )
}
