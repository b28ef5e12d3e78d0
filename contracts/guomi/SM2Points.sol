// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A point of SM2's curve: (x / zz, y / zzz), with zz³ = zzz². Infinity has zz = 0.
struct Point {
    uint256 x;
    uint256 y;
    uint256 zz;
    uint256 zzz;
}

/// @title SM2Points
/// @notice Sums of points by formulas that hold for all of them: the key's table, and {SM2}'s way when its own formulas fail.
library SM2Points {
    uint256 private constant _P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff;
    uint256 private constant _GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7;
    uint256 private constant _GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0;
    /// @dev 3/2 modulo p.
    uint256 private constant _THREE_HALVES = 0x7fffffff7fffffffffffffffffffffffffffffff800000008000000000000001;

    /// @notice The chain's modular exponentiation (EIP-198) has no answer: not enough gas.
    error InversionFailed();

    /// @notice X and ZZ of s·G + t·Q for any s, t and point Q, bit by bit.
    function sum(uint256 s, uint256 t, uint256 x, uint256 y) internal pure returns (uint256, uint256) {
        Point memory acc;
        Point memory ofG = Point(_GX, _GY, 1, 1);
        Point memory ofQ = Point(x, y, 1, 1);
        Point memory ofBoth = Point(x, y, 1, 1);
        add(ofBoth, ofG);
        for (uint256 i = 256; i > 0; --i) {
            double(acc);
            uint256 bits = (((s >> (i - 1)) & 1) << 1) | ((t >> (i - 1)) & 1);
            if (bits == 3) add(acc, ofBoth);
            else if (bits == 2) add(acc, ofG);
            else if (bits == 1) add(acc, ofQ);
        }
        return (acc.x, acc.zz);
    }

    /// @notice {SM2-tableOf}.
    function table(uint256 x, uint256 y) internal view returns (bytes memory points) {
        Point[4] memory rows;
        rows[0] = Point(x, y, 1, 1);
        uint256 z = 1;
        for (uint256 u = 1; u < 4; ++u) {
            (x, y, z) = _doubled64(x, y, z);
            uint256 zz = mulmod(z, z, _P);
            rows[u] = Point(x, y, zz, mulmod(zz, z, _P));
        }
        Point[8] memory sums;
        sums[0] = rows[3];
        // Row by row, each sum so far becomes two.
        for (uint256 step = 4; step > 0; step >>= 1) {
            Point memory row = rows[step >> 1];
            Point memory turned = Point(row.x, _P - row.y, row.zz, row.zzz);
            for (uint256 m; m < 8; m += 2 * step) {
                Point memory so = sums[m];
                sums[m + step] = Point(so.x, so.y, so.zz, so.zzz);
                add(sums[m + step], row);
                add(so, turned);
            }
        }
        return _affine(sums);
    }

    /// @dev acc := acc + other.
    function add(Point memory acc, Point memory other) internal pure {
        if (other.zz == 0) return;
        if (acc.zz == 0) {
            (acc.x, acc.y, acc.zz, acc.zzz) = (other.x, other.y, other.zz, other.zzz);
            return;
        }
        uint256 u = mulmod(acc.x, other.zz, _P);
        uint256 s = mulmod(acc.y, other.zzz, _P);
        uint256 d = addmod(mulmod(other.x, acc.zz, _P), _P - u, _P);
        uint256 e = addmod(mulmod(other.y, acc.zzz, _P), _P - s, _P);
        if (d == 0 && e == 0) return double(acc);
        uint256 dd = mulmod(d, d, _P);
        uint256 ddd = mulmod(d, dd, _P);
        uint256 q = _P - mulmod(u, dd, _P);
        // Where the two are inverse to each other, d is 0 and so is the new zz: infinity.
        acc.x = addmod(addmod(mulmod(e, e, _P), _P - ddd, _P), addmod(q, q, _P), _P);
        acc.y = _P - addmod(mulmod(e, addmod(acc.x, q, _P), _P), mulmod(s, ddd, _P), _P);
        acc.zz = mulmod(mulmod(acc.zz, other.zz, _P), dd, _P);
        acc.zzz = mulmod(mulmod(acc.zzz, other.zzz, _P), ddd, _P);
    }

    /// @dev acc := 2·acc. No point has y = 0: the order of the curve is odd. Infinity stays infinity.
    function double(Point memory acc) internal pure {
        (uint256 x, uint256 y, uint256 zz) = (acc.x, acc.y, acc.zz);
        uint256 v = mulmod(y, y, _P);
        uint256 w = mulmod(y, v, _P);
        uint256 q = _P - mulmod(x, v, _P);
        uint256 mu = mulmod(mulmod(addmod(x, zz, _P), addmod(x, _P - zz, _P), _P), _THREE_HALVES, _P);
        acc.x = addmod(mulmod(mu, mu, _P), addmod(q, q, _P), _P);
        acc.y = _P - addmod(mulmod(mu, addmod(acc.x, q, _P), _P), mulmod(w, y, _P), _P);
        acc.zz = mulmod(zz, v, _P);
        acc.zzz = mulmod(acc.zzz, w, _P);
    }

    /// @dev 2⁶⁴ times the point (x / z², y / z³): in Jacobian coordinates a doubling takes a multiplication less. Each returns the
    /// inverse of what it should, which saves subtractions and, done 64 times, changes nothing.
    function _doubled64(uint256 x, uint256 y, uint256 z) private pure returns (uint256, uint256, uint256) {
        assembly ("memory-safe") {
            // Two a turn: the loop's own cost is a tenth of a doubling's.
            for {
                let i := 32
            } i {
                i := sub(i, 1)
            } {
                let v := mulmod(y, y, _P)
                let q := sub(_P, mulmod(x, v, _P))
                let zz := mulmod(z, z, _P)
                let mu := mulmod(mulmod(addmod(x, zz, _P), addmod(x, sub(_P, zz), _P), _P), _THREE_HALVES, _P)
                z := mulmod(z, y, _P)
                x := addmod(mulmod(mu, mu, _P), addmod(q, q, _P), _P)
                y := addmod(mulmod(mu, addmod(x, q, _P), _P), mulmod(v, v, _P), _P)
                v := mulmod(y, y, _P)
                q := sub(_P, mulmod(x, v, _P))
                zz := mulmod(z, z, _P)
                mu := mulmod(mulmod(addmod(x, zz, _P), addmod(x, sub(_P, zz), _P), _P), _THREE_HALVES, _P)
                z := mulmod(z, y, _P)
                x := addmod(mulmod(mu, mu, _P), addmod(q, q, _P), _P)
                y := addmod(mulmod(mu, addmod(x, q, _P), _P), mulmod(v, v, _P), _P)
            }
        }
        return (x, y, z);
    }

    /// @dev The points as p − x ‖ y, with one inversion for all: of the product of their zzz, taken apart from the last on.
    function _affine(Point[8] memory points) private view returns (bytes memory packed) {
        uint256[8] memory products;
        uint256 product = 1;
        for (uint256 i; i < 8; ++i) {
            products[i] = product;
            product = mulmod(product, points[i].zzz, _P);
        }
        uint256 inverse = _inverse(product);
        packed = new bytes(512);
        for (uint256 i = 8; i > 0; --i) {
            Point memory point = points[i - 1];
            // 1 / zzz, then 1 / zz = (zz / zzz)².
            uint256 ofZZZ = mulmod(inverse, products[i - 1], _P);
            inverse = mulmod(inverse, point.zzz, _P);
            uint256 root = mulmod(point.zz, ofZZZ, _P);
            uint256 negX = _P - mulmod(point.x, mulmod(root, root, _P), _P);
            uint256 y = mulmod(point.y, ofZZZ, _P);
            assembly ("memory-safe") {
                let at := add(packed, sub(shl(6, i), 32))
                mstore(at, negX)
                mstore(add(at, 32), y)
            }
        }
    }

    /// @dev value^(p − 2).
    function _inverse(uint256 value) private view returns (uint256 inverse) {
        bool isDone;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, 32)
            mstore(add(start, 32), 32)
            mstore(add(start, 64), 32)
            mstore(add(start, 96), value)
            mstore(add(start, 128), sub(_P, 2))
            mstore(add(start, 160), _P)
            isDone := and(eq(returndatasize(), 32), staticcall(gas(), 0x05, start, 192, 0x00, 32))
            inverse := mload(0x00)
        }
        if (!isDone) revert InversionFailed();
    }
}
