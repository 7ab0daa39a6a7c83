//! What of a report names the machine that it was made on, which is nobody else's business.

use crate::{PublicText, Report, UnscoredCause};

impl Report {
    /// Takes out what names the machine or its network: paths, addresses and commands in the names of models,
    /// workers and parameters, hosts, and reasons that may name files.
    pub fn take_out_machine(&mut self) {
        let hosts = self.probe.as_ref().map(|probe| probe.hosts.clone()).unwrap_or_default();
        let text = PublicText::new(hosts);
        for mode in [&mut self.official, &mut self.strict] {
            for unscored in &mut mode.unscored {
                if matches!(unscored.reason, UnscoredCause::Other(_)) {
                    let instead = "the reason stands in the run's own report";
                    unscored.reason = UnscoredCause::Other(instead.to_owned());
                }
            }
        }
        if let Some(asking) = &mut self.asking {
            asking.model = text.name(&asking.model);
            asking.backend = text.backend(&asking.backend);
            asking.parameters = text.parameters(&asking.parameters);
        }
        if let Some(probe) = &mut self.probe {
            probe.model = text.name(&probe.model);
            probe.backend = text.backend(&probe.backend);
            probe.parameters = text.parameters(&probe.parameters);
            probe.hosts.clear();
        }
        if let Some(refiner) = self.formatting.as_mut().and_then(|known| known.refiner.as_mut()) {
            *refiner = text.name(refiner);
        }
        for origin in self.origins.iter_mut().flat_map(|origins| &mut origins.origins) {
            if let Some(model) = &mut origin.origin.model {
                *model = text.name(model);
            }
        }
    }
}
