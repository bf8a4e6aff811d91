"""Words for what is counted: soldiers, losses, civilians, and things that are no soldiers."""

from __future__ import annotations

from forcest.drafting.patterns import words

SOLDIERS = words(
    """
    soldiers soldier troops troop men man servicemen serviceman servicewomen servicemembers servicepeople fighters fighter
    combatants combatant mercenaries mercenary volunteers volunteer militia militiamen militiaman militants militant guards
    guardsmen guardsman recruits recruit conscripts conscript reservists reservist regulars regular irregulars infantrymen
    infantryman infantry marines marine paratroopers paratrooper paratroops commandos commando gunners gunner sappers sapper
    engineers tankers cavalrymen riflemen bayonets effectives personnel peacekeepers peacekeeper legionnaires legionaries
    legionnaire partisans guerrillas guerrilla insurgents insurgent rebels rebel separatists infiltrators infiltrator
    intruders invaders invader attackers attacker defenders defender occupiers occupier enemies terrorists jihadists gunmen
    warriors warrior sailors sailor seamen airmen airman pilots officers officer sergeants generals colonels ncos comrades
    contractors auxiliaries levies sepoys cossacks grenadiers hussars dragoons lancers crews crewmen draftees inductees
    reinforcements reinforcement replacements garrison force forces contingent operatives advisers advisors instructors
    trainees medics orderlies raiders bandits brigands assailants foreigners nationals soldiery boys lads hirelings legion
    askaris levy headcount strength sharpshooters snipers scouts spetsnaz drivers cadets hands sons brothers ranks people
    persons
    """
)

LOSSES = {
    word: measure
    for measure, nouns in {
        "killed": """dead deaths death fatalities fatality corpses corpse bodies body graves grave tombs burials funerals obituaries
            coffins slain fallen""",
        "wounded": "wounded injured injuries wounds",
        "casualties": "casualties casualty losses loss",
        "captured": "prisoners prisoner pows pow captives captive internees",
        "missing": "missing mia",
        "in_training": "trainees trainee",
        "in_hospital": "inpatients patients convalescents",
    }.items()
    for word in words(nouns)
}
"""Nouns that are a measure by themselves."""

LOST = words("deaths fatalities casualties losses graves bodies obituaries prisoners")
"""Nouns of loss that may follow a noun of soldiers: troop losses, soldier graves."""

BEFORE_SOLDIERS = words("dead missing wounded injured")
"""Nouns of loss that may also describe: 13 dead fighters."""

RANKS = words(
    """
    officers officer generals general colonels colonel majors captains lieutenants sergeants corporals commanders commander
    ncos women woman teenagers teenager boys girls pilots pilot medics conscripts doctors sailors specialists children
    cadets
    """
)
"""Parts of a force by rank, age or trade: with "including" they give no row."""

CIVILIANS = words(
    """
    civilians civilian people persons person residents villagers inhabitants women woman children child workers journalists
    reporters doctors nurses teachers passengers protesters settlers farmers refugees evacuees migrants hostages officials
    sources experts analysts employees students pupils families relatives lawmakers members voters monks priests patients
    bystanders onlookers citizens locals policemen police detainees visitors correspondents diplomats observers inspectors
    delegates witnesses
    """
)

THINGS = words(
    """
    howitzers mortars launchers bunkers trailers carriers transporters bombers cruisers destroyers helicopters lighters
    containers shelters quarters headquarters numbers papers letters rivers orders borders powers members computers radars
    motors reactors tractors sectors metres meters kilometres kilometers centres centers corners winters dollars hectares
    others corridors interceptors boosters trucks tanks guns aircraft planes jets drones vehicles ships boats submarines
    shells rounds missiles rockets bombs mines km miles yards days hours weeks months years minutes percent battalions
    brigades divisions companies regiments platoons squads corps armies units villages towns settlements positions euros
    pounds rubles roubles francs lire marks yen tonnes tons litres crore lakh degrees times countries nations sources
    contributors suppliers partners neighbours neighbors producers airfields depots bridges trenches wars battles attacks
    assaults strikes raids clashes sorties
    """
)
"""Nouns that are not people, above all those on -ers and -ors."""
