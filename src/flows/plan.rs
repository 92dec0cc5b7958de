//! What tells plans for a target apart, and one binding to a secret from another: by digests, which are kept and compared.

use super::house::digest;
use crate::codec::record::write;
use crate::domain::catalog::Catalog;
use crate::domain::names::TargetName;
use crate::domain::source::Binding;
use crate::domain::target::Target;

/// What tells two plans for a target apart.
pub(super) fn of(target: &Target) -> String {
    digest(&write(target))
}

/// Whether the target is not, or is no more, what a plan was made from.
pub(super) fn stale(catalog: &Catalog, target: &TargetName, made_from: &str) -> bool {
    catalog.targets.get(target).is_none_or(|target| {
        let before = Target { binding: target.binding.as_ref().map(placeless), ..target.clone() };
        of(target) != made_from && of(&before) != made_from
    })
}

/// What tells one binding from another.
pub(super) fn of_binding(binding: &Binding) -> String {
    digest(&write(binding))
}

/// Whether that was made from this binding.
pub(super) fn is_of(made_from: &str, binding: &Binding) -> bool {
    made_from == of_binding(binding) || made_from == of_binding(&placeless(binding))
}

/// The binding as it was kept before the place of its secret manager was. It was forgotten when that became another, so what is
/// left is of this one.
fn placeless(binding: &Binding) -> Binding {
    Binding { place: None, ..binding.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::catalog::parse;

    const TEXT: &str = r#"
[sources.vault]
manager = { kind = "Vault", url = "https://vault.contoso.example" }
[targets.sales]
title = "Sales"
credential = { kind = "Basic", username = "svc" }
privacy = "Private"
encryption = "Any"
secret = { from = "vault", mount = "secret", path = "sales", fields = { password = "pw" } }
destinations = [{ connection = { id = "70b17680-48f1-4729-9df6-02576647dc3a", via = "OnPremisesGateway" } }]
policy = { askers = ["slack:U0ANA"] }
"#;

    #[test]
    fn another_place_is_another_plan_and_one_from_before_there_were_places_is_the_same() {
        let (here, there) = (parse(TEXT).unwrap(), parse(&TEXT.replace("vault.contoso", "bao.contoso")).unwrap());
        let name = TargetName::parse("sales").unwrap();
        let (one, other) = (&here.targets[&name], &there.targets[&name]);
        let [bound, moved] = [one, other].map(|target| target.binding.clone().unwrap());
        assert!(!stale(&here, &name, &of(one)) && stale(&here, &name, &of(other)));
        assert!(is_of(&of_binding(&bound), &bound) && !is_of(&of_binding(&moved), &bound));
        let before = Target { binding: Some(placeless(&bound)), ..one.clone() };
        assert!(!stale(&here, &name, &of(&before)) && is_of(&of_binding(&placeless(&bound)), &bound));
    }
}
