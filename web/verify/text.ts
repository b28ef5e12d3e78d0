import { defineText } from '../i18n/language.ts'

export const text = defineText({
  title: { en: 'Verify evidence', zh: '核验存证' },
  lead: {
    en: 'Drop an evidence package or a certificate. It is checked in this page and never uploaded; the network may be off.',
    zh: '拖放存证包或证明文件。核验全部在本页完成，不会上传；断网亦可使用。'
  },
  console: { en: 'Console', zh: '控制台' },
  file: { en: 'Package (.zip), certificate (.json), or any file', zh: '存证包（.zip）、证明（.json）或任意文件' },
  fileHint: {
    en: 'Of any other file its digests are shown, and whether a package that you verified holds it.',
    zh: '其他文件将显示其摘要，并与已核验的存证包比对。'
  },
  trust: { en: 'What you trust', zh: '信任来源' },
  trustLead: {
    en: 'Whose log and whose keys these are is said by trust anchors. Without them nothing can be called verified.',
    zh: '信任锚说明日志与密钥的归属；没有信任锚则不能得出“已核验”。'
  },
  trustNone: { en: 'No trust anchors yet', zh: '尚无信任锚' },
  trustHas: {
    en: (heads: number, participants: number, chain: number) =>
      `Anchors of the registry on chain ${chain}: ${participants} participants, ${heads} log heads`,
    zh: (heads: number, participants: number, chain: number) =>
      `链 ${chain} 上登记系统的信任锚：${participants} 个参与方，${heads} 个日志头`
  },
  trustFetch: { en: 'Take those of this registry', zh: '采用本系统的信任锚' },
  trustFetchHint: {
    en: 'Kept in this browser, so that you can verify without network from then on. Who doubts the registry takes anchors from elsewhere.',
    zh: '保存在本浏览器，此后可离线核验。如不信任本系统，请使用其他来源的信任锚。'
  },
  trustFile: { en: 'Trust anchors from elsewhere (.json)', zh: '其他来源的信任锚（.json）' },
  rpc: { en: 'Your own node (optional)', zh: '您自己的节点（可选）' },
  rpcHint: {
    en: 'JSON-RPC over https, or on this computer. Asked whether the chain still says so; without it evidence holds as of its block.',
    zh: '通过 https 或本机的 JSON-RPC，用于确认链上现状；不填则结论以存证所在区块为准。'
  },
  again: { en: 'Check again', zh: '重新核验' },
  checking: { en: 'Checking …', zh: '核验中…' },
  verified: { en: 'Verified', zh: '已核验' },
  consistent: { en: 'Consistent, not verified', zh: '内部一致，但未核验' },
  failed: { en: 'Refused', zh: '核验不通过' },
  verifiedMeans: { en: 'Every check holds against what you trust.', zh: '全部检查均与您的信任来源相符。' },
  consistentMeans: {
    en: 'Nothing is wrong, but something could not be checked with what you trust.',
    zh: '未发现错误，但部分检查因缺少信任来源而无法进行。'
  },
  failedMeans: { en: 'At least one check failed. Do not rely on it.', zh: '至少一项检查未通过，请勿采信。' },
  checks: { en: 'What was checked', zh: '检查项目' },
  check: { en: 'Check', zh: '项目' },
  result: { en: 'Result', zh: '结果' },
  detail: { en: 'What was found', zh: '说明' },
  ok: { en: '✓ holds', zh: '✓ 通过' },
  open: { en: '– not checked', zh: '– 未检查' },
  wrong: { en: '✗ refused', zh: '✗ 不通过' },
  history: { en: 'What it says', zh: '内容' },
  digests: { en: 'Digests of this file', zh: '文件摘要' },
  bytes: { en: 'Size', zh: '大小' },
  inPackage: {
    en: (name: string) => `It is a document in ${name}, which you verified in this page.`,
    zh: (name: string) => `该文件包含于您在本页核验过的 ${name}。`
  },
  notInPackage: {
    en: 'No package that you verified in this page holds it. Verify its package first.',
    zh: '您在本页核验过的存证包均不含该文件，请先核验其存证包。'
  }
})
