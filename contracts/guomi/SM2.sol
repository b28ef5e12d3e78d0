// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SM2Comb} from "./SM2Comb.sol";
import {SM2Points} from "./SM2Points.sol";

/// @title SM2
/// @notice Verifies signatures of GB/T 32918.2-2016 over the recommended curve (GB/T 32918.5-2017), for every input: no key,
/// signature or hash is left out. Takes e; how e comes from a message is {SM2Verifier}'s subject.
/// @dev A signature holds when R = s·G + t·Q, with t = r + s mod n, is not infinity and e + R.x ≡ r modulo n. How the sum is
/// made for less gas:
/// - *Comb.* A scalar k is Σ ±2ⁱ over 256 bits ({_digits}), no digit zero. For Q the digits are read as 4 rows of 64: column j
///   has the digits of 2ʲ, 2ʲ⁺⁶⁴, 2ʲ⁺¹²⁸ and 2ʲ⁺¹⁹², and their sum is 2ʲ times one of 16 known points, ±(2¹⁹² ± 2¹²⁸ ± 2⁶⁴ ± 1)·Q
///   ({tableOf}). So 64 doublings and 64 additions do for 256 bits. For G the table is fixed: 8 rows of 32 columns
///   ({SM2Comb}). The two share the doublings.
/// - *A key's table can be kept*, which saves its making, more than half of the gas. It must come from {tableOf}: a table of
///   somebody else's choice is a forged key.
/// - *XYZZ coordinates*: (X/ZZ, Y/ZZZ) with ZZ³ = ZZZ². Adding a point of a table takes ten multiplications.
/// - *No branches*: every column adds. Where the formulas do not hold (a point added to itself or to its inverse) ZZ becomes 0
///   and stays 0 ever after. Then {SM2Points} makes the sum again, slower, by formulas that hold always. That takes
///   a key whose discrete logarithm its owner has chosen for it; chance does not get there.
/// - *Signs are let go.* A doubling or an addition that may return −R instead of R has no subtractions in it. Which of the
///   two it is depends on the column alone, so the digits of the columns where it is −R are turned around beforehand.
/// - *No inversion at the end*: R.x = X/ZZ is compared as X = v·ZZ.
library SM2 {
    uint256 internal constant P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff;
    uint256 internal constant B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93;
    uint256 internal constant N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123;
    /// @notice Bytes of a key's table: 8 points of 64 bytes.
    uint256 internal constant TABLE_SIZE = 512;

    /// @dev 3/2 modulo p.
    uint256 private constant _THREE_HALVES = 0x7fffffff7fffffffffffffffffffffffffffffff800000008000000000000001;
    /// @dev Digits that are turned around: of Q in the even columns below 32, of G in the odd ones.
    uint256 private constant _TURNED_OF_Q = 0x0000000055555555000000005555555500000000555555550000000055555555;
    uint256 private constant _TURNED_OF_G = 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;

    /// @dev The first column's bits of all rows, and what brings them together at the top when multiplied: bit 64u goes to 252 + u,
    /// bit 32u to 248 + u. No two bits meet on the way, so nothing is carried.
    uint256 private constant _ROWS_OF_Q = 0x0000000000000001000000000000000100000000000000010000000000000001;
    uint256 private constant _ROWS_OF_G = 0x0000000100000001000000010000000100000001000000010000000100000001;
    uint256 private constant _GATHER_4 = 0x1000000000000000200000000000000040000000000000008000000000000000;
    uint256 private constant _GATHER_8 = 0x0100000002000000040000000800000010000000200000004000000080000000;

    /// @notice Whether `(r, s)` is a signature of `e` by the key `(x, y)`. A point that is no key has signed nothing.
    function verify(bytes32 e, uint256 r, uint256 s, uint256 x, uint256 y) internal view returns (bool) {
        if (!areInRange(r, s) || !isKey(x, y)) return false;
        return verifyWith(tableOf(x, y), e, r, s, x, y);
    }

    /// @notice {verify} with the key's table.
    /// @param table What {tableOf} made of `(x, y)`, for which {isKey} was true.
    function verifyWith(
        bytes memory table,
        bytes32 e,
        uint256 r,
        uint256 s,
        uint256 x,
        uint256 y
    ) internal pure returns (bool) {
        if (!areInRange(r, s)) return false;
        uint256 t = addmod(r, s, N);
        (uint256 sumX, uint256 sumZZ) = _sum(table, _digits(s), _digits(t));
        if (sumZZ == 0) (sumX, sumZZ) = SM2Points.sum(s, t, x, y);
        if (sumZZ == 0) return false;
        // e + R.x ≡ r (mod n), while R.x < p and n < p < 2n: R.x is r − e mod n, or n more than that where this is below p.
        uint256 v = addmod(r, N - (uint256(e) % N), N);
        if (sumX == mulmod(v, sumZZ, P)) return true;
        return v < P - N && sumX == mulmod(v + N, sumZZ, P);
    }

    /// @notice Whether r and s are in [1, n − 1] and r + s ≠ n (GB/T 32918.2-2016 §7.1, B1, B2 and B5).
    function areInRange(uint256 r, uint256 s) internal pure returns (bool) {
        return r != 0 && r < N && s != 0 && s < N && addmod(r, s, N) != 0;
    }

    /// @notice Whether `(x, y)` is a key: a point of the curve, in the one form it has, and not infinity.
    /// @dev The order of the curve is prime, so every such point has it. (0, 0), as infinity is written at times, is not on it.
    function isKey(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= P || y >= P) return false;
        uint256 right = addmod(mulmod(addmod(mulmod(x, x, P), P - 3, P), x, P), B, P);
        return mulmod(y, y, P) == right;
    }

    /// @notice The points that {verifyWith} needs of a key.
    /// @dev Entry m of 8 is 2¹⁹²·Q ± 2¹²⁸·Q ± 2⁶⁴·Q ± Q, bit u of m says whether 2⁶⁴ᵘ·Q is added or subtracted; as p − x ‖ y. No sum
    /// here is of a point and itself or its inverse: the factors are fixed and no two are congruent.
    function tableOf(uint256 x, uint256 y) internal view returns (bytes memory table) {
        return SM2Points.table(x, y);
    }

    /// @dev k = Σ ±2ⁱ over i from 0 to 255; bit i of the result says whether 2ⁱ is added. Odd k: Σ (2bᵢ − 1)·2ⁱ = 2b − (2²⁵⁶ − 1), so
    /// b = (k − 1)/2 + 2²⁵⁵. Even k: n − k is odd, and its digits are turned around.
    function _digits(uint256 k) private pure returns (uint256) {
        return k & 1 == 1 ? (k >> 1) | (1 << 255) : ~(((N - k) >> 1) | (1 << 255));
    }

    /// @dev X and ZZ of the sum; ZZ is 0 where the formulas did not hold.
    function _sum(bytes memory table, uint256 ofG, uint256 ofQ) private pure returns (uint256 x, uint256 zz) {
        uint256 points = _bothSigns(table);
        bytes memory comb = SM2Comb.POINTS;
        ofQ ^= _TURNED_OF_Q;
        ofG ^= _TURNED_OF_G;
        assembly ("memory-safe") {
            // Column 63 is where the sum begins. Multiplied so, the four bits of a column come to stand at the top, in their
            // order, and nothing else down to bit 192: shifted by 246 they are the offset of an entry of 64 bytes.
            let at := add(points, shr(246, mul(and(shr(63, ofQ), _ROWS_OF_Q), _GATHER_4)))
            x := sub(P, mload(at))
            let y := mload(add(at, 32))
            zz := 1
            let zzz := 1
            for {
                let j := 62
            } 1 {
                j := sub(j, 1)
            } {
                // (x, y) := -2 (x, y), with the tangent's slope mu / y, mu = 3/2 (x - zz)(x + zz): the curve's a is -3.
                let v := mulmod(y, y, P)
                let w := mulmod(y, v, P)
                let q := sub(P, mulmod(x, v, P))
                let mu := mulmod(mulmod(addmod(x, zz, P), addmod(x, sub(P, zz), P), P), _THREE_HALVES, P)
                x := addmod(mulmod(mu, mu, P), addmod(q, q, P), P)
                y := addmod(mulmod(mu, addmod(x, q, P), P), mulmod(w, y, P), P)
                zz := mulmod(zz, v, P)
                zzz := mulmod(zzz, w, P)
                // (x, y) := -((x, y) + (x2, -y2)); the entry is p - x2 and y2, so v and w, the differences, are sums.
                at := add(points, shr(246, mul(and(shr(j, ofQ), _ROWS_OF_Q), _GATHER_4)))
                v := addmod(x, mulmod(mload(at), zz, P), P)
                w := addmod(y, mulmod(mload(add(at, 32)), zzz, P), P)
                mu := mulmod(v, v, P)
                v := mulmod(v, mu, P)
                q := sub(P, mulmod(x, mu, P))
                x := addmod(addmod(mulmod(w, w, P), v, P), addmod(q, q, P), P)
                y := addmod(mulmod(w, addmod(x, q, P), P), mulmod(y, v, P), P)
                zz := mulmod(zz, mu, P)
                zzz := mulmod(zzz, v, P)
                if gt(j, 31) {
                    continue
                }
                // The same for G: 8 bits, of which the top one says the sign. Where it is clear, the entry is that of the
                // complement and y is turned around: not(y) + p + 1 = p - y.
                at := shr(242, mul(and(shr(j, ofG), _ROWS_OF_G), _GATHER_8))
                mu := sub(shr(13, at), 1)
                at := add(add(comb, 32), and(xor(at, mu), 0x1fc0))
                q := add(xor(mload(add(at, 32)), mu), and(mu, add(P, 1)))
                v := addmod(x, mulmod(mload(at), zz, P), P)
                w := addmod(y, mulmod(q, zzz, P), P)
                mu := mulmod(v, v, P)
                v := mulmod(v, mu, P)
                q := sub(P, mulmod(x, mu, P))
                x := addmod(addmod(mulmod(w, w, P), v, P), addmod(q, q, P), P)
                y := addmod(mulmod(w, addmod(x, q, P), P), mulmod(y, v, P), P)
                zz := mulmod(zz, mu, P)
                zzz := mulmod(zzz, v, P)
                if iszero(j) {
                    break
                }
            }
        }
    }

    /// @dev A key's table with the inverses: entry 8 + m is the table's m, entry 7 - m its inverse. So four digits are an index.
    function _bothSigns(bytes memory table) private pure returns (uint256 points) {
        assembly ("memory-safe") {
            points := mload(0x40)
            mstore(0x40, add(points, 1024))
            let low := add(points, 448)
            let high := add(points, 512)
            for {
                let at := add(table, 32)
            } lt(high, add(points, 1024)) {
                at := add(at, 64)
            } {
                let negX := mload(at)
                let y := mload(add(at, 32))
                mstore(low, negX)
                mstore(add(low, 32), sub(P, y))
                mstore(high, negX)
                mstore(add(high, 32), y)
                low := sub(low, 64)
                high := add(high, 64)
            }
        }
    }
}
