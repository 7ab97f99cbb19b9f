//! What words and signs may be to the rules: each rule is asked once about a word, and skims over those that mean nothing
//! to it.

use std::cell::RefCell;

use super::{
    fold, handle, phone,
    skim::{Memory, Skim, role},
    wallet,
};

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::new(Memory::new(roles_of, roles_of_sign));
}

/// What rules may skim over in a text.
pub(super) fn skim_of(text: &str) -> Skim {
    MEMORY.with_borrow_mut(|memory| Skim::of(text, memory))
}

/// What a plain word may be to the rules.
fn roles_of(word: &str) -> u8 {
    let is = |role: u8, may_be: bool| u8::from(may_be) * role;
    is(role::NUMBER, phone::may_be_number(word))
        | is(role::SIGN, fold::signs::may_be_sign(word))
        | is(role::PLACE, phone::may_name_place(word))
        | is(role::PLATFORM, handle::may_call(word))
        | is(role::WALLET, wallet::may_begin_with(word))
        | is(role::STRETCHED, handle::is_stretched(word))
        | is(role::MASKED, phone::may_lack_last_letter(word))
}

/// What a sign of ASCII may be to the rules by itself.
fn roles_of_sign(sign: u8) -> u8 {
    let is = |role: u8, may_be: bool| u8::from(may_be) * role;
    is(role::NUMBER, phone::may_be_digit(sign))
        | is(role::SIGN, fold::signs::may_be_told(sign))
        | is(role::PLACE, phone::may_name_place_from(sign))
        | is(role::PLATFORM, handle::may_call_from(sign))
}
