// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title SM3
/// @notice The hash function of GB/T 32905-2016, of messages of any length. 64 bytes, what a signature check hashes, cost
/// less than any other length.
/// @dev How it saves gas:
/// - A 32-bit word x is kept *doubled*, as the 64 bits x ‖ x: then x <<< k is the low half of one shift to the right.
/// - What lies above a word's low half is left there. Sums and bitwise operations never carry it downwards, so it is masked
///   off only where a word is doubled again.
/// - Memory holds doubled words, so one load brings four. The schedule makes three words in one go: word j needs word j − 3,
///   so a fourth would not have what it needs.
/// - Four rounds make one turn of a loop: after four, each register is back in its place, so nothing is moved.
library SM3 {
    /// @dev The state before the first block (§4.1): A ‖ B ‖ … ‖ H.
    uint256 internal constant INITIAL = 0x7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e;
    /// @dev The low half of each doubled word of four; and what doubles such halves when multiplied.
    uint256 private constant _HALVES = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant _DOUBLING = 0x100000001;

    /// @dev Scratch memory: 72 doubled words of schedule, then 64 of round constants.
    uint256 private constant _SCHEDULE_SIZE = 576;

    /// @dev T_j <<< j for each of the 64 rounds (§4.2), doubled.
    bytes private constant _ROUND_CONSTANTS =
        hex"79cc451979cc4519f3988a32f3988a32e7311465e7311465ce6228cbce6228cb"
        hex"9cc451979cc451973988a32f3988a32f7311465e7311465ee6228cbce6228cbc"
        hex"cc451979cc451979988a32f3988a32f3311465e7311465e76228cbce6228cbce"
        hex"c451979cc451979c88a32f3988a32f3911465e7311465e73228cbce6228cbce6"
        hex"9d8a7a879d8a7a873b14f50f3b14f50f7629ea1e7629ea1eec53d43cec53d43c"
        hex"d8a7a879d8a7a879b14f50f3b14f50f3629ea1e7629ea1e7c53d43cec53d43ce"
        hex"8a7a879d8a7a879d14f50f3b14f50f3b29ea1e7629ea1e7653d43cec53d43cec"
        hex"a7a879d8a7a879d84f50f3b14f50f3b19ea1e7629ea1e7623d43cec53d43cec5"
        hex"7a879d8a7a879d8af50f3b14f50f3b14ea1e7629ea1e7629d43cec53d43cec53"
        hex"a879d8a7a879d8a750f3b14f50f3b14fa1e7629ea1e7629e43cec53d43cec53d"
        hex"879d8a7a879d8a7a0f3b14f50f3b14f51e7629ea1e7629ea3cec53d43cec53d4"
        hex"79d8a7a879d8a7a8f3b14f50f3b14f50e7629ea1e7629ea1cec53d43cec53d43"
        hex"9d8a7a879d8a7a873b14f50f3b14f50f7629ea1e7629ea1eec53d43cec53d43c"
        hex"d8a7a879d8a7a879b14f50f3b14f50f3629ea1e7629ea1e7c53d43cec53d43ce"
        hex"8a7a879d8a7a879d14f50f3b14f50f3b29ea1e7629ea1e7653d43cec53d43cec"
        hex"a7a879d8a7a879d84f50f3b14f50f3b19ea1e7629ea1e7623d43cec53d43cec5";

    /// @dev Schedule (§5.3.2) of the second block of every message of 64 bytes, which is nothing but padding. Doubled.
    bytes private constant _PADDING_SCHEDULE =
        hex"8000000080000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000020000000200"
        hex"8040400080404000000000000000000001008080010080801000500010005000"
        hex"0000000000000000002002a0002002a0ac545c04ac545c040000000000000000"
        hex"09582a3909582a39a0003000a000300000000000000000000020028000200280"
        hex"a4515804a4515804202000402020004051609838516098383000570130005701"
        hex"a0002000a0002000008200aa008200aa6ad525d06ad525d00a0e02160a0e0216"
        hex"b0f52042b0f52042fa7073b0fa7073b02000000020000000008200a8008200a8"
        hex"7a5425907a54259022a2004422a20044d5d6ebd2d5d6ebd28200577182005771"
        hex"8a2022408a202240b42826aab42826aaeaf84e59eaf84e594898eaf94898eaf9"
        hex"8207283d8207283dee6775faee6775faa3e0e0a0a3e0e0a08828488a8828488a"
        hex"23b45a5d23b45a5d628a22c4628a22c48d6d06158d6d061538300a7e38300a7e"
        hex"e96260e5e96260e52b60c0202b60c020502ed531502ed5319e878cb99e878cb9"
        hex"218c38f8218c38f8dcae3cb7dcae3cb72a3e0e0a2a3e0e0ae9e0c461e9e0c461"
        hex"8c3e38318c3e383144aaa22844aaa228dc60a38bdc60a38b518300f7518300f7";

    /// @notice The hash of `message`.
    function hash(bytes memory message) internal pure returns (bytes32) {
        return hashFrom(INITIAL, 0, message);
    }

    /// @notice The hash of a message that begins with whole blocks already taken in.
    /// @param state What the blocks before left behind: {INITIAL} when there were none.
    /// @param before Their bytes, a multiple of 64.
    /// @param rest What follows them.
    function hashFrom(uint256 state, uint256 before, bytes memory rest) internal pure returns (bytes32) {
        uint256 scratch = _scratch();
        uint256 length = rest.length;
        uint256 start;
        assembly ("memory-safe") {
            start := add(rest, 32)
        }
        uint256 end = start + (length & ~uint256(63));
        for (; start < end; start += 64) {
            _schedule(scratch, start);
            state = _compress(state, scratch);
        }
        if (before == 0 && length == 64) {
            _copy(scratch, _PADDING_SCHEDULE);
            return bytes32(_compress(state, scratch));
        }
        bytes memory tail = _padded(start, length & 63, before + length);
        assembly ("memory-safe") {
            start := add(tail, 32)
        }
        end = start + tail.length;
        for (; start < end; start += 64) {
            _schedule(scratch, start);
            state = _compress(state, scratch);
        }
        return bytes32(state);
    }

    /// @dev Padding (§5.2): a one bit, zeros, the length in bits; one block or two.
    /// @param start Where the last `size` bytes, less than a block, lie in memory.
    function _padded(uint256 start, uint256 size, uint256 length) private pure returns (bytes memory tail) {
        tail = new bytes(size < 56 ? 64 : 128);
        assembly ("memory-safe") {
            let to := add(tail, 32)
            mcopy(to, start, size)
            mstore8(add(to, size), 0x80)
            // The length is 64 bits wide; the word's upper bytes may hold message, so it is added in.
            let last := add(to, sub(mload(tail), 32))
            mstore(last, or(mload(last), shl(3, length)))
        }
    }

    /// @dev Schedule and constants side by side, so that one pointer serves for both.
    function _scratch() private pure returns (uint256 scratch) {
        assembly ("memory-safe") {
            scratch := mload(0x40)
            mstore(0x40, add(scratch, 1088))
        }
        _copy(scratch + _SCHEDULE_SIZE, _ROUND_CONSTANTS);
    }

    function _copy(uint256 to, bytes memory words) private pure {
        assembly ("memory-safe") {
            mcopy(to, add(words, 32), mload(words))
        }
    }

    /// @dev Words 0 to 67 of the block at `start` (§5.3.2), doubled, to `scratch`.
    function _schedule(uint256 scratch, uint256 start) private pure {
        assembly ("memory-safe") {
            // Spreads the 16 words of the block: 4 in 128 bits become 4 in 256, by halves and halves again.
            for {
                let i := 0
            } lt(i, 64) {
                i := add(i, 16)
            } {
                let words := shr(128, mload(add(start, i)))
                words := and(or(words, shl(64, words)), 0xffffffffffffffff0000000000000000ffffffffffffffff)
                words := and(or(words, shl(32, words)), _HALVES)
                mstore(add(scratch, shl(1, i)), mul(words, _DOUBLING))
            }
            // Three words a turn; the fourth of each load and store is not one yet and is written over in the next turn.
            let end := add(scratch, 544)
            for {
                let to := add(scratch, 128)
            } lt(to, end) {
                to := add(to, 24)
            } {
                // P1(W[j-16] ^ W[j-9] ^ (W[j-3] <<< 15)) ^ (W[j-13] <<< 7) ^ W[j-6], P1(x) = x ^ (x <<< 15) ^ (x <<< 23)
                let x := xor(xor(mload(sub(to, 128)), mload(sub(to, 72))), shr(17, mload(sub(to, 24))))
                x := mul(and(x, _HALVES), _DOUBLING)
                x := xor(xor(x, shr(17, x)), shr(9, x))
                x := xor(xor(x, shr(25, mload(sub(to, 104)))), mload(sub(to, 48)))
                mstore(to, mul(and(x, _HALVES), _DOUBLING))
            }
        }
    }

    /// @dev One block: 64 rounds (§5.3.3) over the schedule in `scratch`. In each round, with the registers' own names:
    ///   SS1 = ((A <<< 12) + E + (T_j <<< j)) <<< 7;  new A = FF + D + (SS1 ^ (A <<< 12)) + (W[j] ^ W[j+4])
    ///   new E = P0(GG + H + SS1 + W[j]);  new C = B <<< 9;  new G = F <<< 19;  P0(x) = x ^ (x <<< 9) ^ (x <<< 17)
    /// A, B, E and F are doubled, the others have anything above their low 32 bits.
    // Two loops whose rounds differ in FF and GG: apart, they would need a call for each eight rounds.
    // solhint-disable-next-line function-max-lines
    function _compress(uint256 state, uint256 scratch) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            function doubled(word) -> twice {
                twice := mul(and(word, 0xffffffff), _DOUBLING)
            }
            let a := doubled(shr(224, state))
            let b := doubled(shr(192, state))
            let c := shr(160, state)
            let d := shr(128, state)
            let e := doubled(shr(96, state))
            let f := doubled(shr(64, state))
            let g := shr(32, state)
            let h := state
            let end := add(scratch, 128)
            for {} lt(scratch, end) {
                scratch := add(scratch, 32)
            } {
                let w := mload(scratch)
                let v := xor(w, mload(add(scratch, 32)))
                let t := mload(add(scratch, _SCHEDULE_SIZE))
                let r := shr(20, a)
                let ss := shr(25, doubled(add(add(r, e), shr(192, t))))
                d := doubled(add(add(xor(a, xor(b, c)), d), add(xor(ss, r), shr(192, v))))
                h := doubled(add(add(xor(e, xor(f, g)), h), add(ss, shr(192, w))))
                h := doubled(xor(h, xor(shr(23, h), shr(15, h))))
                b := shr(23, b)
                f := shr(13, f)
                r := shr(20, d)
                ss := shr(25, doubled(add(add(r, h), shr(128, t))))
                c := doubled(add(add(xor(d, xor(a, b)), c), add(xor(ss, r), shr(128, v))))
                g := doubled(add(add(xor(h, xor(e, f)), g), add(ss, shr(128, w))))
                g := doubled(xor(g, xor(shr(23, g), shr(15, g))))
                a := shr(23, a)
                e := shr(13, e)
                r := shr(20, c)
                ss := shr(25, doubled(add(add(r, g), shr(64, t))))
                b := doubled(add(add(xor(c, xor(d, a)), b), add(xor(ss, r), shr(64, v))))
                f := doubled(add(add(xor(g, xor(h, e)), f), add(ss, shr(64, w))))
                f := doubled(xor(f, xor(shr(23, f), shr(15, f))))
                d := shr(23, d)
                h := shr(13, h)
                r := shr(20, b)
                ss := shr(25, doubled(add(add(r, f), t)))
                a := doubled(add(add(xor(b, xor(c, d)), a), add(xor(ss, r), v)))
                e := doubled(add(add(xor(f, xor(g, h)), e), add(ss, w)))
                e := doubled(xor(e, xor(shr(23, e), shr(15, e))))
                c := shr(23, c)
                g := shr(13, g)
            }
            end := add(end, 384)
            for {} lt(scratch, end) {
                scratch := add(scratch, 32)
            } {
                let w := mload(scratch)
                let v := xor(w, mload(add(scratch, 32)))
                let t := mload(add(scratch, _SCHEDULE_SIZE))
                let r := shr(20, a)
                let ss := shr(25, doubled(add(add(r, e), shr(192, t))))
                d := doubled(add(add(or(and(a, b), and(c, or(a, b))), d), add(xor(ss, r), shr(192, v))))
                h := doubled(add(add(xor(g, and(e, xor(f, g))), h), add(ss, shr(192, w))))
                h := doubled(xor(h, xor(shr(23, h), shr(15, h))))
                b := shr(23, b)
                f := shr(13, f)
                r := shr(20, d)
                ss := shr(25, doubled(add(add(r, h), shr(128, t))))
                c := doubled(add(add(or(and(d, a), and(b, or(d, a))), c), add(xor(ss, r), shr(128, v))))
                g := doubled(add(add(xor(f, and(h, xor(e, f))), g), add(ss, shr(128, w))))
                g := doubled(xor(g, xor(shr(23, g), shr(15, g))))
                a := shr(23, a)
                e := shr(13, e)
                r := shr(20, c)
                ss := shr(25, doubled(add(add(r, g), shr(64, t))))
                b := doubled(add(add(or(and(c, d), and(a, or(c, d))), b), add(xor(ss, r), shr(64, v))))
                f := doubled(add(add(xor(e, and(g, xor(h, e))), f), add(ss, shr(64, w))))
                f := doubled(xor(f, xor(shr(23, f), shr(15, f))))
                d := shr(23, d)
                h := shr(13, h)
                r := shr(20, b)
                ss := shr(25, doubled(add(add(r, f), t)))
                a := doubled(add(add(or(and(b, c), and(d, or(b, c))), a), add(xor(ss, r), v)))
                e := doubled(add(add(xor(h, and(f, xor(g, h))), e), add(ss, w)))
                e := doubled(xor(e, xor(shr(23, e), shr(15, e))))
                c := shr(23, c)
                g := shr(13, g)
            }
            next := or(shl(224, a), shl(192, and(b, 0xffffffff)))
            next := or(next, or(shl(160, and(c, 0xffffffff)), shl(128, and(d, 0xffffffff))))
            next := or(next, or(shl(96, and(e, 0xffffffff)), shl(64, and(f, 0xffffffff))))
            next := xor(state, or(next, or(shl(32, and(g, 0xffffffff)), and(h, 0xffffffff))))
        }
    }
}
