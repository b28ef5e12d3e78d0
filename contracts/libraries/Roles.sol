// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Roles
/// @notice What a participant may do, as bits. `test/contracts/roles.test.ts` compares them with `domain/participant/roles.ts`.
library Roles {
    uint16 internal constant DEBTOR = 1 << 0;
    uint16 internal constant SUPPLIER = 1 << 1;
    uint16 internal constant FACTOR = 1 << 2;
    uint16 internal constant CLEARING = 1 << 3;
    uint16 internal constant REGULATOR = 1 << 4;
    uint16 internal constant EVIDENCE = 1 << 5;
    /// @dev Says who the registrar is. What it may do is the AccessManager's to say; no function of a registry asks for this role.
    uint16 internal constant REGISTRAR = 1 << 6;
    uint16 internal constant ALL = (1 << 7) - 1;
}
