//! Microsoft's clouds: where each issues tokens and answers calls.

/// What goes with one value of `CLOUD`.
///
/// As Microsoft publishes them for each cloud; for Fabric it publishes the global host alone.
pub(super) struct Cloud {
    pub(super) name: &'static str,
    pub(super) login: &'static str,
    pub(super) powerbi: &'static str,
    pub(super) powerbi_scope: &'static str,
    /// URL and scope; absent where Microsoft publishes none.
    pub(super) fabric: Option<(&'static str, &'static str)>,
}

/// The cloud most tenants are in.
pub(super) const GLOBAL: Cloud = Cloud {
    name: "global",
    login: "https://login.microsoftonline.com",
    powerbi: "https://api.powerbi.com/v1.0/myorg",
    powerbi_scope: "https://analysis.windows.net/powerbi/api/.default",
    fabric: Some(("https://api.fabric.microsoft.com/v1", "https://api.fabric.microsoft.com/.default")),
};

/// Every cloud. GCC is a government cloud that keeps the commercial login host.
pub(super) const ALL: [Cloud; 5] = [
    GLOBAL,
    Cloud {
        name: "gcc",
        login: "https://login.microsoftonline.com",
        powerbi: "https://api.powerbigov.us/v1.0/myorg",
        powerbi_scope: "https://analysis.usgovcloudapi.net/powerbi/api/.default",
        fabric: None,
    },
    Cloud {
        name: "gcc-high",
        login: "https://login.microsoftonline.us",
        powerbi: "https://api.high.powerbigov.us/v1.0/myorg",
        powerbi_scope: "https://high.analysis.usgovcloudapi.net/powerbi/api/.default",
        fabric: None,
    },
    Cloud {
        name: "dod",
        login: "https://login.microsoftonline.us",
        powerbi: "https://api.mil.powerbigov.us/v1.0/myorg",
        powerbi_scope: "https://mil.analysis.usgovcloudapi.net/powerbi/api/.default",
        fabric: None,
    },
    Cloud {
        name: "china",
        login: "https://login.partner.microsoftonline.cn",
        powerbi: "https://api.powerbi.cn/v1.0/myorg",
        powerbi_scope: "https://analysis.chinacloudapi.cn/powerbi/api/.default",
        fabric: None,
    },
];
