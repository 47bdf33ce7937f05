import { useParams } from "../../app/router";
import { Catalogue } from "./Catalogue";
import { MetricPage } from "./MetricPage";
import "./measures.css";

export default function MeasuresPage() {
  const { metric } = useParams();
  return metric ? <MetricPage key={metric} name={metric} /> : <Catalogue />;
}
