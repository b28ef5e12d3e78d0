// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Floor
/// @notice The least that a registry of notes can be: what a receivable and a note cost when nothing but caller, holder,
/// state, amount and once-only is checked. Nobody should use it: it asks no directory who anybody is, refuses without a
/// word, offers nothing for acceptance and claims no document.
/// @dev A receivable is its own root note; a note is one slot at its own id, without a mapping's hash. From the low end:
/// holder 160, amount 52, due day 16, debtor 24, state 4.
contract Floor {
    uint256 private constant _CONFIRMED = 2;
    uint256 private constant _FINANCED = 3;
    uint256 private constant _SETTLED = 4;
    uint256 private constant _STATE_SHIFT = 252;
    uint256 private constant _DEBTOR_SHIFT = 228;
    uint256 private constant _AMOUNT_SHIFT = 160;
    uint256 private constant _AMOUNT = ((1 << 52) - 1) << _AMOUNT_SHIFT;
    uint256 private constant _HOLDER = (1 << 160) - 1;
    uint256 private constant _UNSTATED = (1 << _STATE_SHIFT) - 1;

    event Registered(uint256 indexed id, uint256 word);
    event Moved(uint256 indexed id, uint256 word);
    event Split(uint256 indexed id, uint256 word, uint256 parent, bytes32 document);
    event Transferred(uint256 indexed id, uint256 word, bytes32 document);

    mapping(address account => uint256 id) private _debtors;

    function enrol(address account, uint256 id) external {
        _debtors[account] = id;
    }

    /// @param word The note with its state 0; the holder has to be the caller.
    function register(uint256 id, uint256 word) public {
        _check(_load(id) == 0 && address(uint160(word)) == msg.sender && word >> _STATE_SHIFT == 0);
        word |= 1 << _STATE_SHIFT;
        _store(id, word);
        emit Registered(id, word);
    }

    function confirm(uint256 id) public {
        uint256 word = _load(id);
        _check(word >> _STATE_SHIFT == 1 && uint24(word >> _DEBTOR_SHIFT) == _debtors[msg.sender]);
        _move(id, word, _CONFIRMED);
    }

    /// @dev The child's key commits to its parent and its document.
    function split(uint256 parent, uint256 amount, address to, bytes32 document) public {
        uint256 word = _load(parent);
        _check(word >> _STATE_SHIFT == _CONFIRMED && address(uint160(word)) == msg.sender);
        uint256 cut = amount << _AMOUNT_SHIFT;
        _check(amount != 0 && amount < (word & _AMOUNT) >> _AMOUNT_SHIFT);
        uint256 id;
        assembly ("memory-safe") {
            mstore(0, parent)
            mstore(32, document)
            id := keccak256(0, 64)
        }
        _check(_load(id) == 0);
        _store(parent, word - cut);
        word = (word & ~(_AMOUNT | _HOLDER)) | cut | uint160(to);
        _store(id, word);
        emit Split(id, word, parent, document);
    }

    function transfer(uint256 id, address to, bytes32 document) public {
        uint256 word = _held(id);
        word = (word & ~_HOLDER) | uint160(to);
        _store(id, word);
        emit Transferred(id, word, document);
    }

    /// @dev Once: a financed note is in no state that could be financed again.
    function finance(uint256 id, address financier) public {
        _move(id, (_held(id) & ~_HOLDER) | uint160(financier), _FINANCED);
    }

    function settle(uint256 id) public {
        uint256 word = _load(id);
        uint256 state = word >> _STATE_SHIFT;
        _check((state == _CONFIRMED || state == _FINANCED) && uint24(word >> _DEBTOR_SHIFT) == _debtors[msg.sender]);
        _move(id, word, _SETTLED);
    }

    function registerMany(uint256[] calldata ids, uint256[] calldata words) external {
        for (uint256 i; i < ids.length; ++i) register(ids[i], words[i]);
    }

    function confirmMany(uint256[] calldata ids) external {
        for (uint256 i; i < ids.length; ++i) confirm(ids[i]);
    }

    function splitMany(uint256[] calldata parents, uint256 amount, address to, bytes32[] calldata documents) external {
        for (uint256 i; i < parents.length; ++i) split(parents[i], amount, to, documents[i]);
    }

    function transferMany(uint256[] calldata ids, address to, bytes32[] calldata documents) external {
        for (uint256 i; i < ids.length; ++i) transfer(ids[i], to, documents[i]);
    }

    function financeMany(uint256[] calldata ids, address financier) external {
        for (uint256 i; i < ids.length; ++i) finance(ids[i], financier);
    }

    function settleMany(uint256[] calldata ids) external {
        for (uint256 i; i < ids.length; ++i) settle(ids[i]);
    }

    function _held(uint256 id) private view returns (uint256 word) {
        word = _load(id);
        _check(word >> _STATE_SHIFT == _CONFIRMED && address(uint160(word)) == msg.sender);
    }

    function _move(uint256 id, uint256 word, uint256 state) private {
        word = (word & _UNSTATED) | (state << _STATE_SHIFT);
        _store(id, word);
        emit Moved(id, word);
    }

    function _load(uint256 id) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(id)
        }
    }

    function _store(uint256 id, uint256 word) private {
        assembly ("memory-safe") {
            sstore(id, word)
        }
    }

    function _check(bool isMet) private pure {
        assembly ("memory-safe") {
            if iszero(isMet) {
                revert(0, 0)
            }
        }
    }
}
