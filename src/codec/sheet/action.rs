//! What taps and forms mean, by the names that go out with them and come back.

/// What a tap on a button means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open the way to enter the credential.
    Enter,
    /// End a rotation before anything was changed.
    Cancel,
    /// Approve.
    Approve,
    /// Open the form for saying no.
    Reject,
    /// Stop what has not begun yet.
    Stop,
    /// Try again what failed.
    Retry,
    /// Leave what failed as it is.
    Close,
    /// Open the request form.
    Open,
    /// Open the request form for passing over approvals and windows.
    OpenBreakGlass,
    /// Open the request form for going back to the previous value.
    OpenRollback,
    /// Nothing: the button opened an address.
    Page,
}

impl Action {
    const ALL: [Self; 11] = [
        Self::Enter,
        Self::Cancel,
        Self::Approve,
        Self::Reject,
        Self::Stop,
        Self::Retry,
        Self::Close,
        Self::Open,
        Self::OpenBreakGlass,
        Self::OpenRollback,
        Self::Page,
    ];

    /// Its name on the wire. Buttons outlive a deployment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enter => "enter_credential",
            Self::Cancel => "cancel_rotation",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Stop => "stop_rotation",
            Self::Retry => "retry_failed",
            Self::Close => "close_rotation",
            Self::Open => "open_form",
            Self::OpenBreakGlass => "open_break_glass",
            Self::OpenRollback => "open_rollback",
            Self::Page => "open_page",
        }
    }

    /// The action of that name; `None` for a button of another version.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// Which form it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// Asks for a rotation.
    Request,
    /// Asks for a rotation past approvals and windows.
    BreakGlass,
    /// Asks for going back to the previous value.
    Rollback,
    /// Takes the credential.
    Credential,
    /// Says no.
    Reject,
}

impl FormKind {
    const ALL: [Self; 5] = [Self::Request, Self::BreakGlass, Self::Rollback, Self::Credential, Self::Reject];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::BreakGlass => "break_glass",
            Self::Rollback => "rollback",
            Self::Credential => "credential",
            Self::Reject => "reject",
        }
    }

    /// The form of that name; `None` for one of another version.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_what_it_names() {
        assert!(Action::ALL.into_iter().all(|action| Action::parse(action.name()) == Some(action)));
        assert!(FormKind::ALL.into_iter().all(|kind| FormKind::parse(kind.name()) == Some(kind)));
        assert_eq!((Action::parse("credential"), FormKind::parse("approve")), (None, None));
    }
}
