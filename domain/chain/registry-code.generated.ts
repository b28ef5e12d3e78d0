// Generated from contracts/ by `npm run generate`. Do not edit.
export const registryCodeHash = '0x855a99d5968fd7b08124833382d08076e02a31e516207394df263f52e1fa365e'
export const registryCodeBytes = 24367
export const registryImmutables = {"_participants":[813,1173,1838,2373,3756,4790,5230,5948,6300,8080,8455,9193,10494,11102,11306,12296,14250,14490,15102,15937,17057,17390,20954],"_fingerprints":[2604,6005,14712,16656,20398,21295,23453],"_registryNumber":[2639,6046,14747,16537,20296,21417,23582],"_maxTenor":[9963,15509,19408,19949],"_minAcceptanceWindow":[15560,22623],"_maxTier":[15610,16282],"_requiresTradeClaim":[15648,16916]} as const
